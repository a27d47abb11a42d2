/* SPDX-License-Identifier: MIT */
/* The rules of measures: a curve that float32 sets the width of, a least value, and outputs that nothing is compared
 * with. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "grader/compare.h"

enum { COUNT = 600 }; /* more than two blocks */

static const struct compare_rule curve = {.rule = SPEC_RULE_CURVE, .floor = 2e-5, .limit = 1e-4};
static const struct compare_rule at_least = {.rule = SPEC_RULE_AT_LEAST, .limit = 0.75};
static const struct compare_rule judged = {.rule = SPEC_RULE_JUDGED};

static struct compare_result judge(const struct compare_rule *rule, const struct compare_bound *bound, enum dtype type,
                                   const void *got, const void *expected, const void *poison, int64_t count) {
    const struct compare_tensor tensor = {
        .name = "m", .type = type, .rank = 1, .shape = &count, .got = got, .expected = expected, .poison = poison};
    struct compare_result result;

    compare_judge(&tensor, rule, bound, &result);
    return result;
}

static struct compare_bound bound_of(const struct compare_rule *rule, double baseline, double plain) {
    const struct compare_error seen[2] = {{.ratio = baseline, .rms = baseline}, {.ratio = plain, .rms = plain}};
    struct compare_bound bound;

    compare_bound_from(rule, seen, 2, &bound);
    return bound;
}

START_TEST(a_curve_is_as_wide_as_float32_makes_it) {
    ck_assert_double_eq(bound_of(&curve, 0, 0).ratio, 2e-5);
    ck_assert_double_eq(bound_of(&curve, 1e-6, 1e-7).ratio, 2e-5);
    ck_assert_double_eq(bound_of(&curve, 2e-6, 1e-5).ratio, 16 * 1e-5);
    ck_assert(bound_of(&curve, 1e-4, 0).valid);
    ck_assert(!bound_of(&curve, 0, 1.001e-4).valid);
    ck_assert(!bound_of(&curve, NAN, 0).valid);
    ck_assert(!bound_of(&curve, INFINITY, 0).valid);
}
END_TEST

START_TEST(every_element_of_a_curve_counts) {
    const struct compare_bound bound = bound_of(&curve, 1e-6, 0);
    double expected[COUNT], got[COUNT];

    for (int i = 0; i < COUNT; i++)
        got[i] = expected[i] = 3 - i * 0.004;
    ck_assert_int_eq(judge(&curve, &bound, DTYPE_F64, got, expected, NULL, COUNT).verdict, VERDICT_PASSED);
    got[517] += 1.9e-5;
    struct compare_result result = judge(&curve, &bound, DTYPE_F64, got, expected, NULL, COUNT);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_double_eq_tol(result.used, 0.95, 1e-6);
    got[517] += 2e-6;
    got[518] -= 1e-3;
    result = judge(&curve, &bound, DTYPE_F64, got, expected, NULL, COUNT);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(result.failing, 2);
    ck_assert_int_eq(result.first.flat, 517);
    ck_assert_int_eq(result.error.worst[0].flat, 518);
    ck_assert_double_eq_tol(result.used, 50, 1e-3);
    got[518] = NAN;
    ck_assert_int_eq(judge(&curve, &bound, DTYPE_F64, got, expected, NULL, COUNT).verdict, VERDICT_NOT_FINITE);
}
END_TEST

/* The curve of an output is float32: what that type cannot hold is within the floor. */
START_TEST(a_curve_may_be_an_output) {
    const struct compare_bound bound = bound_of(&curve, 0, 0);
    const double expected[2] = {2.302585093, 0.1};
    const float good[2] = {2.302585f, 0.1f}, bad[2] = {2.302585f, 0.10003f};

    ck_assert_int_eq(judge(&curve, &bound, DTYPE_F32, good, expected, NULL, 2).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge(&curve, &bound, DTYPE_F32, bad, expected, NULL, 2).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

START_TEST(at_least_is_a_limit_from_below) {
    const struct compare_bound bound = bound_of(&at_least, 0.1, 0.2);
    const double expected = 0.95;
    const struct {
        double got, used; /* used < 0: only that it is above 1 */
        enum verdict verdict;
    } rows[] = {
        {0.95, 0, VERDICT_PASSED},       {2.0, 0, VERDICT_PASSED},         {0.85, 0.5, VERDICT_PASSED},
        {0.75, 1, VERDICT_PASSED},       {0.55, 2, VERDICT_WRONG_ANSWER},  {-0.25, 6, VERDICT_WRONG_ANSWER},
        {NAN, -1, VERDICT_NOT_FINITE},   {-INFINITY, -1, VERDICT_NOT_FINITE},
        {0.7499999999999999, -1, VERDICT_WRONG_ANSWER},
    };

    ck_assert(bound.valid);
    ck_assert(!bound_of(&at_least, 0, nextafter(1, 2)).valid);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct compare_result result = judge(&at_least, &bound, DTYPE_F64, &rows[i].got, &expected, NULL, 1);
        ck_assert_int_eq(result.verdict, rows[i].verdict);
        ck_assert_int_eq(result.failing, rows[i].verdict != VERDICT_PASSED);
        if (rows[i].used < 0)
            ck_assert(result.used > 1);
        else
            ck_assert_double_eq_tol(result.used, rows[i].used, 1e-9);
    }
}
END_TEST

/* A reference that only just reaches the limit leaves no room to be measured against. */
START_TEST(at_least_without_room) {
    const struct compare_bound bound = bound_of(&at_least, 1, 1);
    const double expected = 0.75, below = 0.7;

    ck_assert_int_eq(judge(&at_least, &bound, DTYPE_F64, &expected, &expected, NULL, 1).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge(&at_least, &bound, DTYPE_F64, &below, &expected, NULL, 1).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

START_TEST(judged_takes_any_number) {
    const struct compare_bound bound = bound_of(&judged, 0, 0);
    double expected[COUNT] = {0};
    float got[COUNT];
    uint32_t poison[COUNT];

    for (int i = 0; i < COUNT; i++) {
        got[i] = (float)(i - 300) * 1e30f;
        poison[i] = 0x7f800001u + (uint32_t)i;
    }
    struct compare_result result = judge(&judged, &bound, DTYPE_F32, got, expected, poison, COUNT);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_double_eq(result.used, 0);
    got[3] = INFINITY;
    got[400] = NAN;
    result = judge(&judged, &bound, DTYPE_F32, got, expected, NULL, COUNT);
    ck_assert_int_eq(result.verdict, VERDICT_NOT_FINITE);
    ck_assert_int_eq(result.error.not_finite, 2);
    ck_assert_int_eq(result.failing, 2);
    ck_assert_int_eq(result.first.flat, 3);
    memcpy(&got[3], &poison[3], sizeof *poison);
    result = judge(&judged, &bound, DTYPE_F32, got, expected, poison, COUNT);
    ck_assert_int_eq(result.verdict, VERDICT_UNWRITTEN_OUTPUT);
    ck_assert_int_eq(result.error.unwritten, 1);
}
END_TEST

/* One byte in 256 equals its poison by chance; a run of eight does not. */
START_TEST(judged_bytes_that_look_like_poison) {
    const struct compare_bound bound = bound_of(&judged, 0, 0);
    unsigned char expected[COUNT] = {0}, got[COUNT], poison[COUNT];

    for (int i = 0; i < COUNT; i++) {
        poison[i] = (unsigned char)(i * 7 + 1);
        got[i] = (unsigned char)(poison[i] + (i % 8 == 7));
    }
    ck_assert_int_eq(judge(&judged, &bound, DTYPE_U8, got, expected, poison, COUNT).verdict, VERDICT_PASSED);
    got[31]--;
    struct compare_result result = judge(&judged, &bound, DTYPE_U8, got, expected, poison, COUNT);
    ck_assert_int_eq(result.verdict, VERDICT_UNWRITTEN_OUTPUT);
    ck_assert_int_eq(result.error.unwritten, 15);
    ck_assert_int_eq(result.first.flat, 24);
    ck_assert_int_eq(judge(&judged, &bound, DTYPE_U8, poison, expected, poison, 7).verdict, VERDICT_PASSED);
    const int64_t wide[2] = {5, 6}, right[2] = {1, 2};
    ck_assert_int_eq(judge(&judged, &bound, DTYPE_I64, wide, right, right, 2).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge(&judged, &bound, DTYPE_I64, right, wide, right, 2).verdict, VERDICT_UNWRITTEN_OUTPUT);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("compare_rules");
    TCase *tests = tcase_create("rules");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, a_curve_is_as_wide_as_float32_makes_it);
    tcase_add_test(tests, every_element_of_a_curve_counts);
    tcase_add_test(tests, a_curve_may_be_an_output);
    tcase_add_test(tests, at_least_is_a_limit_from_below);
    tcase_add_test(tests, at_least_without_room);
    tcase_add_test(tests, judged_takes_any_number);
    tcase_add_test(tests, judged_bytes_that_look_like_poison);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
