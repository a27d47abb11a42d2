/* SPDX-License-Identifier: MIT */
/* [compare] on values and types whose answer is known by hand: NaN, infinities, subnormals, poison, integers, bf16,
 * f64, and the rules without a gauge. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tests/grader/judge_floats.h"

static struct compare_result judge_one(float got, double expected, double gauge) {
    return judge_with(&gauge_rule, &got, &expected, &gauge, NULL, 1);
}

START_TEST(test_special_values) {
    const double huge = 3.5e38, edge = 0x1.ffffffp127;
    static const struct {
        float got;
        double expected;
        enum verdict verdict;
    } table[] = {
        {NAN, 1, VERDICT_NOT_FINITE},
        {INFINITY, 1, VERDICT_NOT_FINITE},
        {-INFINITY, -1, VERDICT_NOT_FINITE},
        {NAN, NAN, VERDICT_PASSED},
        {-NAN, NAN, VERDICT_PASSED},
        {1, NAN, VERDICT_WRONG_ANSWER},
        {INFINITY, NAN, VERDICT_WRONG_ANSWER},
        {INFINITY, INFINITY, VERDICT_PASSED},
        {-INFINITY, INFINITY, VERDICT_WRONG_ANSWER},
        {NAN, INFINITY, VERDICT_WRONG_ANSWER},
        {FLT_MAX, INFINITY, VERDICT_WRONG_ANSWER},
        {-INFINITY, -INFINITY, VERDICT_PASSED},
        {-0.0f, 0, VERDICT_PASSED},
        {0.0f, -0.0, VERDICT_PASSED},
    };

    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        const struct compare_result result = judge_one(table[k].got, table[k].expected, 1);
        ck_assert_msg(result.verdict == table[k].verdict, "row %zu: verdict %d", k, (int)result.verdict);
        ck_assert((result.used > 1) == (table[k].verdict != VERDICT_PASSED));
        ck_assert(result.failing == (table[k].verdict != VERDICT_PASSED));
    }
    ck_assert_int_eq(judge_one(INFINITY, huge, huge).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(-INFINITY, -huge, huge).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(FLT_MAX, huge, huge).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(INFINITY, edge, edge).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(FLT_MAX, edge, edge).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(FLT_MAX, nextafter(edge, 0), edge).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(INFINITY, (double)FLT_MAX, huge).verdict, VERDICT_NOT_FINITE);
}
END_TEST

START_TEST(test_broken_gauge_rejects) {
    ck_assert_int_eq(judge_one(1, 1, NAN).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(1, 1, INFINITY).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(1, 1, -1).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(INFINITY, INFINITY, NAN).verdict, VERDICT_PASSED);
}
END_TEST

START_TEST(test_structural_zero) {
    ck_assert_int_eq(judge_one(0, 0, 0).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(-0.0f, 0, 0).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(3e-10f, 0, 0).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(1e-36f, 0, 0).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_one(0x1p-127f, 0, 0).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(1, 1, 0).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_one(1 + FLT_EPSILON, 1, 0).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

START_TEST(test_denormals) {
    const struct compare_rule strict = {.rule = SPEC_RULE_GAUGE, .reduction = 1, .strict_denormal = true};
    const double y = 0x1p-128, gauge = 0x1p-128;
    const float flushed = 0, right = 0x1p-128f;
    struct compare_result result = judge_with(&gauge_rule, &flushed, &y, &gauge, NULL, 1);

    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_int_eq(result.error.flushed, 1);
    ck_assert_double_eq(result.error.max_abs, y);
    result = judge_with(&strict, &flushed, &y, &gauge, NULL, 1);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    result = judge_with(&strict, &right, &y, &gauge, NULL, 1);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_int_eq(result.error.flushed, 0);
    /* Too large is not flushed; normal results get no slack. */
    result = judge_one(0x1p-127f, 0x1p-128, 0x1p-128);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_int_eq(result.error.flushed, 0);
    ck_assert_int_eq(judge_one(0, 0x1p-126, 0x1p-126).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

START_TEST(test_unwritten) {
    enum { N = 600 };
    static float got[N];
    static double y[N], gauge[N];
    static uint32_t poison[N];
    struct compare_result result;

    for (uint32_t i = 0; i < N; i++) {
        poison[i] = 0x7fa00000u + i;
        got[i] = (float)i;
        y[i] = gauge[i] = i;
    }
    ck_assert_int_eq(judge_with(&gauge_rule, got, y, gauge, poison, N).verdict, VERDICT_PASSED);
    memcpy(&got[599], &poison[599], 4);
    got[3] = NAN;
    got[4] = 77;
    result = judge_with(&gauge_rule, got, y, gauge, poison, N);
    ck_assert_int_eq(result.verdict, VERDICT_UNWRITTEN_OUTPUT);
    ck_assert_int_eq(result.error.unwritten, 1);
    ck_assert_int_eq(result.error.not_finite, 1);
    ck_assert_int_eq(result.failing, 3);
    ck_assert_int_eq(result.first.flat, 3);
    got[599] = 599;
    ck_assert_int_eq(judge_with(&gauge_rule, got, y, gauge, poison, N).verdict, VERDICT_NOT_FINITE);
    got[3] = 3;
    ck_assert_int_eq(judge_with(&gauge_rule, got, y, gauge, poison, N).verdict, VERDICT_WRONG_ANSWER);
    /* Untouched poison is not the NaN that was asked for; without the poison at hand the doubt is at least counted. */
    memcpy(&got[4], &poison[4], 4);
    y[4] = NAN;
    ck_assert_int_eq(judge_with(&gauge_rule, got, y, gauge, poison, N).verdict, VERDICT_UNWRITTEN_OUTPUT);
    result = judge_with(&gauge_rule, got, y, gauge, NULL, N);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_int_eq(result.error.both_nan, 1);
    /* Poison that is the right answer cannot be told apart. */
    y[4] = got[4] = 4;
    memcpy(&poison[4], &got[4], 4);
    ck_assert_int_eq(judge_with(&gauge_rule, got, y, gauge, poison, N).verdict, VERDICT_PASSED);
}
END_TEST

START_TEST(test_empty) {
    for (int rule = SPEC_RULE_GAUGE; rule <= SPEC_RULE_ULP; rule++) {
        const int64_t shape[2] = {0, 7};
        const struct compare_tensor tensor = {.name = "o", .type = DTYPE_F32, .rank = 2, .shape = shape};
        const struct compare_rule r = {.rule = (enum spec_rule)rule, .reduction = 0, .limit = 1};
        struct compare_bound bound;
        struct compare_result result;

        compare_bound_from(&r, NULL, 0, &bound);
        compare_judge(&tensor, &r, &bound, &result);
        ck_assert_int_eq(result.verdict, VERDICT_PASSED);
        ck_assert_double_eq(result.used, 0);
        ck_assert_int_eq(result.error.count, 0);
    }
}
END_TEST

static struct compare_result judge_exact(enum dtype type, const void *got, const void *expected, const void *poison,
                                         int64_t count) {
    const struct compare_rule rule = {.rule = SPEC_RULE_EXACT};
    const struct compare_tensor tensor = {
        .name = "id", .type = type, .rank = 1, .shape = &count, .got = got, .expected = expected, .poison = poison};
    struct compare_bound bound;
    struct compare_result result;

    compare_bound_from(&rule, NULL, 0, &bound);
    compare_judge(&tensor, &rule, &bound, &result);
    return result;
}

START_TEST(test_exact_integers) {
    const int64_t wide = INT64_C(9007199254740993);
    const int64_t expected[3] = {wide, INT64_MIN, 0}, off[3] = {wide - 1, INT64_MIN, 0};
    const int64_t far[3] = {wide, INT64_MAX, 0};
    const uint8_t bytes[4] = {0, 7, 255, 9}, stale[4] = {0, 7, 254, 9}, poison[4] = {0, 1, 254, 3};
    const int32_t small[2] = {-5, 5}, wrong[2] = {5, 5};
    struct compare_result result;

    ck_assert_int_eq(judge_exact(DTYPE_I64, expected, expected, NULL, 3).verdict, VERDICT_PASSED);
    result = judge_exact(DTYPE_I64, off, expected, NULL, 3);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_double_eq(result.first.error, 1);
    ck_assert_double_infinite(result.used);
    ck_assert_double_eq(judge_exact(DTYPE_I64, far, expected, NULL, 3).error.max_abs, 0x1p64);
    /* A byte of poison that is right counts as written; one that is wrong does not. */
    ck_assert_int_eq(judge_exact(DTYPE_U8, bytes, bytes, poison, 4).verdict, VERDICT_PASSED);
    result = judge_exact(DTYPE_U8, stale, bytes, poison, 4);
    ck_assert_int_eq(result.verdict, VERDICT_UNWRITTEN_OUTPUT);
    ck_assert_int_eq(result.error.unwritten, 1);
    ck_assert_int_eq(judge_exact(DTYPE_I32, small, small, NULL, 2).verdict, VERDICT_PASSED);
    result = judge_exact(DTYPE_I32, wrong, small, NULL, 2);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(result.failing, 1);
    ck_assert_double_eq(result.error.max_ulp, 10);
}
END_TEST

START_TEST(test_exact_floats) {
    const double expected[4] = {0.0, 0.1, 3, NAN};
    const float right[4] = {-0.0f, 0.1f, 3, NAN};
    float wrong[4] = {0, 0.1f, 3, NAN};

    ck_assert_int_eq(judge_exact(DTYPE_F32, right, expected, NULL, 4).verdict, VERDICT_PASSED);
    wrong[1] = nextafterf(0.1f, 1);
    ck_assert_int_eq(judge_exact(DTYPE_F32, wrong, expected, NULL, 4).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

START_TEST(test_ulp_rule) {
    const struct compare_rule rule = {.rule = SPEC_RULE_ULP, .limit = 4};
    const double expected[3] = {1, -0x1p-148, 2};
    float got[3] = {1 + 4 * FLT_EPSILON, 0x1p-149f, 2};
    struct compare_result result = judge_with(&rule, got, expected, NULL, NULL, 3);

    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    ck_assert_double_eq(result.error.max_ulp, 4);
    ck_assert_double_eq(result.used, 1);
    got[2] = 2 - 5 * FLT_EPSILON; /* below a power of two the spacing halves */
    result = judge_with(&rule, got, expected, NULL, NULL, 3);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_double_eq(result.error.worst[0].ulp, 5);
    ck_assert_int_eq(result.first.flat, 2);
    got[2] = NAN;
    ck_assert_int_eq(judge_with(&rule, got, expected, NULL, NULL, 3).verdict, VERDICT_NOT_FINITE);
}
END_TEST

START_TEST(test_frobenius_rule) {
    enum { N = 1000 };
    static float got[N], zero[N];
    static double y[N], nothing[N];
    const struct compare_rule rule = {.rule = SPEC_RULE_FROBENIUS, .reduction = 10, .limit = 2e-5};
    const struct compare_error reference = {.ratio = 3e-7, .rms = 3e-7}, bad = {.ratio = 1e-3, .rms = 1e-3};
    const int64_t shape = N;
    const struct compare_tensor tensor = {.type = DTYPE_F32, .rank = 1, .shape = &shape, .got = got, .expected = y};
    struct compare_bound bound;
    struct compare_result result;

    for (int i = 0; i < N; i++) {
        y[i] = i + 1;
        got[i] = (float)(i + 1);
    }
    compare_bound_from(&rule, &bad, 1, &bound);
    ck_assert(!bound.valid);
    ck_assert_double_eq(bound.ratio, 2e-5);
    compare_bound_from(&rule, &reference, 1, &bound);
    ck_assert(bound.valid);
    ck_assert_double_eq_tol(bound.ratio, 4.8e-6, 1e-12);
    compare_judge(&tensor, &rule, &bound, &result);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
    got[500] += 1;
    compare_judge(&tensor, &rule, &bound, &result);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(result.failing, 1);
    ck_assert_int_eq(result.first.flat, 500);
    ck_assert_double_eq_tol(result.error.ratio, 1 / sqrt(1000. * 1001 * 2001 / 6), 1e-12);
    ck_assert_double_eq_tol(result.first.ratio, result.error.ratio * sqrt(1000), 1e-9);
    ck_assert_double_eq_tol(result.error.worst[0].ratio, result.first.ratio, 1e-12);
    ck_assert_int_eq(judge_with(&rule, zero, nothing, NULL, NULL, N).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_with(&rule, got, nothing, NULL, NULL, N).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

/* Next to a norm that overflows, every error would be nothing. */
START_TEST(test_frobenius_overflow) {
    const struct compare_rule rule = {.rule = SPEC_RULE_FROBENIUS, .reduction = 10, .limit = 2e-5};
    const double got[2] = {0, 1e200}, y[2] = {1e200, 1e200};
    const int64_t shape = 2;
    struct compare_tensor tensor = {.type = DTYPE_F64, .rank = 1, .shape = &shape, .got = got, .expected = y};
    struct compare_bound bound;
    struct compare_result result;

    compare_bound_from(&rule, NULL, 0, &bound);
    compare_judge(&tensor, &rule, &bound, &result);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    const double near[2] = {1e200, 1.1e150}, truth[2] = {1e200, 1e150};
    tensor.got = near;
    tensor.expected = truth;
    compare_judge(&tensor, &rule, &bound, &result);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    tensor.got = truth;
    compare_judge(&tensor, &rule, &bound, &result);
    ck_assert_int_eq(result.verdict, VERDICT_PASSED);
}
END_TEST

static struct compare_result judge_typed(enum dtype type, const double *value, const double *expected, int64_t count) {
    const struct compare_tensor shape_only = {.name = "o", .type = type, .rank = 1, .shape = &count};
    struct compare_tensor tensor = shape_only;
    struct compare_bound bound;
    struct compare_result result;
    double storage[8], gauge[8];

    for (int64_t i = 0; i < count; i++) {
        dtype_store(type, storage, (size_t)i, value[i]);
        gauge[i] = fabs(expected[i]);
    }
    tensor.got = storage;
    tensor.expected = expected;
    tensor.gauge = gauge;
    compare_bound_from(&gauge_rule, NULL, 0, &bound);
    compare_judge(&tensor, &gauge_rule, &bound, &result);
    return result;
}

START_TEST(test_bf16) {
    const double expected[4] = {1.00390624, 3.14159265, -1e-3, 1e30};
    double cut[4];

    ck_assert_int_eq(judge_typed(DTYPE_BF16, expected, expected, 4).verdict, VERDICT_PASSED);
    ck_assert_double_eq(judge_typed(DTYPE_BF16, expected, expected, 4).error.max_ulp, 0);
    for (int i = 0; i < 4; i++)
        cut[i] = copysign(round_bits(fabs(expected[i]) * (1 - 0x1p-8), 8), expected[i]);
    ck_assert_int_eq(judge_typed(DTYPE_BF16, cut, expected, 4).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_double_eq(judge_typed(DTYPE_BF16, (const double[]){1.0078125}, (const double[]){1}, 1).error.max_ulp, 1);
    ck_assert_int_eq(judge_typed(DTYPE_BF16, (const double[]){INFINITY}, (const double[]){0x1.ffp127}, 1).verdict,
                     VERDICT_PASSED);
}
END_TEST

START_TEST(test_f64) {
    const double expected[2] = {1.1, 1e300}, off[2] = {1.1 * (1 + 0x1p-40), 1e300};
    const double close[2] = {nextafter(1.1, 2), 1e300}, single[2] = {(double)1.1f, 1e300};

    ck_assert_int_eq(judge_typed(DTYPE_F64, expected, expected, 2).verdict, VERDICT_PASSED);
    ck_assert_int_eq(judge_typed(DTYPE_F64, close, expected, 2).verdict, VERDICT_PASSED);
    ck_assert_double_eq(judge_typed(DTYPE_F64, close, expected, 2).error.max_ulp, 1);
    ck_assert_int_eq(judge_typed(DTYPE_F64, off, expected, 2).verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(judge_typed(DTYPE_F64, single, expected, 2).verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("compare_values");
    TCase *tcase = tcase_create("values");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_special_values);
    tcase_add_test(tcase, test_broken_gauge_rejects);
    tcase_add_test(tcase, test_structural_zero);
    tcase_add_test(tcase, test_denormals);
    tcase_add_test(tcase, test_unwritten);
    tcase_add_test(tcase, test_empty);
    tcase_add_test(tcase, test_exact_integers);
    tcase_add_test(tcase, test_exact_floats);
    tcase_add_test(tcase, test_ulp_rule);
    tcase_add_test(tcase, test_frobenius_rule);
    tcase_add_test(tcase, test_frobenius_overflow);
    tcase_add_test(tcase, test_bf16);
    tcase_add_test(tcase, test_f64);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
