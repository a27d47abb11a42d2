/* SPDX-License-Identifier: MIT */
/* What is said of a number by itself, of a least value and of a curve; of measures no relation to what was expected. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "grader/pattern.h"

enum { COUNT_MAX = 40 };

static const struct compare_rule curve = {.rule = SPEC_RULE_CURVE, .floor = 2e-5, .limit = 1e-4};
static const struct compare_rule at_least = {.rule = SPEC_RULE_AT_LEAST, .limit = 0.75};
static const struct compare_rule exact = {.rule = SPEC_RULE_EXACT};
static const struct compare_rule norm = {.rule = SPEC_RULE_FROBENIUS, .reduction = 4, .limit = 1e-5};

static struct pattern look(const struct compare_rule *rule, bool measured, const double *got, const double *expected,
                           int64_t count) {
    const struct compare_tensor tensor = {.name = "m",
                                          .type = DTYPE_F64,
                                          .rank = 1,
                                          .shape = &count,
                                          .got = got,
                                          .expected = expected,
                                          .measured = measured};
    const struct compare_error seen[2] = {{.ratio = 0}, {.ratio = 0}};
    struct compare_bound bound;
    struct compare_result result;
    struct pattern pattern;

    compare_bound_from(rule, seen, 2, &bound);
    compare_judge(&tensor, rule, &bound, &result);
    ck_assert_int_ne(result.verdict, VERDICT_PASSED);
    pattern_find(&tensor, rule, &result, &pattern);
    return pattern;
}

static const struct number {
    const struct compare_rule *rule;
    double got, expected;
    const char *sentence;
} numbers[] = {
    {&at_least, 0.41, 0.93, "m is 0.41, and 0.75 is needed."},
    {&at_least, -38, 1, "m is -38, and 0.75 is needed."},
    {&at_least, 0.749999, 0.93, "m is 0.749999, and 0.75 is needed."},
    {&at_least, 0, 0.93, "m is 0, and 0.75 is needed."},
    {&exact, 12345, 7, "m is 12345, and 7 is expected."},
    {&exact, 1234567, 1234568, "m is 1234567, and 1234568 is expected."},
    {&curve, 0.5, 0.25, "m is 0.5, and 0.25 is expected, give or take 2e-05."},
    {&norm, 2, 1.5, "m is 2, and 1.5 is expected."},
    {&curve, NAN, 1, "m"}, /* whatever is not finite is said before */
};

START_TEST(test_number) {
    const struct number *number = &numbers[_i];
    const struct pattern pattern = look(number->rule, true, &number->got, &number->expected, 1);

    if (isnan(number->got))
        ck_assert_ptr_nonnull(strstr(pattern.sentence, "NaN"));
    else
        ck_assert_str_eq(pattern.sentence, number->sentence);
    ck_assert_str_eq(pattern.advice, "");
}
END_TEST

START_TEST(test_several_least_values) {
    double got[8], expected[8];
    struct pattern pattern;

    for (int i = 0; i < 8; i++)
        got[i] = expected[i] = 0.9;
    got[5] = 0.5;
    pattern = look(&at_least, true, got, expected, 8);
    ck_assert_str_eq(pattern.sentence, "m[5] is 0.5, and 0.75 is needed; all the others are enough.");
    got[6] = got[7] = 0.25;
    pattern = look(&at_least, true, got, expected, 8);
    ck_assert_str_eq(pattern.sentence,
                     "m[6] is 0.25, and 0.75 is needed. Elements 5-7 are too small; all the others are right.");
}
END_TEST

/* A loss that falls from 4 to 2, as it was expected. */
static void fall(double *got, double *expected) {
    for (int i = 0; i < COUNT_MAX; i++)
        got[i] = expected[i] = 2 + 2 * exp(-0.1 * i);
}

START_TEST(test_curve_that_parts) {
    double got[COUNT_MAX], expected[COUNT_MAX];
    struct pattern pattern;

    fall(got, expected);
    for (int i = 17; i < COUNT_MAX; i++)
        got[i] += 0.01 * (i - 16);
    pattern = look(&curve, true, got, expected, COUNT_MAX);
    ck_assert_str_eq(pattern.sentence,
                     "The curves part at m[17]: 2.375 instead of 2.365, which is 0.01 off where 2e-05 is allowed. From "
                     "there on every element is wrong.");
    ck_assert_str_eq(pattern.columns, ".................#######################");
    got[30] = expected[30];
    pattern = look(&curve, true, got, expected, COUNT_MAX);
    ck_assert_ptr_nonnull(strstr(pattern.sentence, "The curves part at m[17]: "));
    ck_assert_ptr_null(strstr(pattern.sentence, "From there on"));
    ck_assert_ptr_nonnull(strstr(pattern.sentence, "of 40 elements are wrong"));
}
END_TEST

START_TEST(test_last_element) {
    double got[COUNT_MAX], expected[COUNT_MAX];

    fall(got, expected);
    got[COUNT_MAX - 1] = 0;
    ck_assert_str_eq(look(&curve, true, got, expected, COUNT_MAX).sentence,
                     "The curves part at m[39]: 0 instead of 2.04, which is 2.04 off where 2e-05 is allowed.");
}
END_TEST

/* The same numbers: by chance for a measure, a forgotten factor for an output. */
START_TEST(test_relations) {
    double got[COUNT_MAX], expected[COUNT_MAX];
    struct pattern measure, output;

    fall(got, expected);
    for (int i = 0; i < COUNT_MAX; i++)
        got[i] = -38 * expected[i];
    measure = look(&curve, true, got, expected, COUNT_MAX);
    ck_assert_str_eq(measure.sentence,
                     "The curves part at m[0]: -152 instead of 4, which is 156 off where 2e-05 is allowed. From "
                     "there on every element is wrong.");
    output = look(&curve, false, got, expected, COUNT_MAX);
    ck_assert_ptr_nonnull(strstr(output.sentence, "The curves part at m[0]: "));
    ck_assert_ptr_nonnull(strstr(output.sentence, "Every value is -38 times the expected one."));
    for (int i = 0; i < COUNT_MAX; i++) {
        expected[i] = i + 1;
        got[i] = 2 * i + 2;
    }
    measure = look(&exact, true, got, expected, COUNT_MAX);
    ck_assert_str_eq(measure.sentence, "All 40 elements are wrong.");
    ck_assert_str_eq(measure.advice, "");
    output = look(&exact, false, got, expected, COUNT_MAX);
    ck_assert_str_eq(output.sentence, "Every value is 2 times the expected one.");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pattern_judged");
    TCase *tcase = tcase_create("judged");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_number, 0, (int)(sizeof numbers / sizeof *numbers));
    tcase_add_test(tcase, test_several_least_values);
    tcase_add_test(tcase, test_curve_that_parts);
    tcase_add_test(tcase, test_last_element);
    tcase_add_test(tcase, test_relations);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
