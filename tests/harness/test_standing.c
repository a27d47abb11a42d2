/* SPDX-License-Identifier: MIT */
/* The words about earlier runs say no more than the intervals do. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "harness/store/keep.h"
#include "harness/store/standing.h"

static const struct result PASSED = {.ratio = 2, .verdict = VERDICT_PASSED, .points = 80};

static struct store_standing make(double last, double last_half, int64_t best, double change, double half) {
    return (struct store_standing){.last = 16,
                                   .last_change = last,
                                   .last_low = last - last_half,
                                   .last_high = last + last_half,
                                   .best = best,
                                   .best_change = change,
                                   .best_low = change - half,
                                   .best_high = change + half,
                                   .last_points = NAN,
                                   .best_points = NAN};
}

static void expect(const struct store_standing standing, const struct result *now, const char *words) {
    char *got = standing_words(&standing, now, "your");
    ck_assert_str_eq(got, words);
    free(got);
}

START_TEST(faster_slower_and_even) {
    expect(make(1.112, 0.014, 16, 1.112, 0.014), &PASSED,
           "11.2 % faster than your last run [9.8, 12.6]; best so far\n");
    expect(make(1.1, 0.02, 12, 0.969, 0.01), &PASSED,
           "10.0 % faster than your last run [8.0, 12.0]; 3.1 % slower than your best, run 12 [2.1, 4.1]\n");
    expect(make(0.969, 0.01, 16, 0.969, 0.01), &PASSED, "3.1 % slower than your last run [2.1, 4.1]\n");
    expect(make(1.02, 0.03, 16, 1.02, 0.03), &PASSED, "within noise of your last run\n");
    expect(make(1.02, 0.03, 9, 0.99, 0.03), &PASSED,
           "within noise of your last run; within noise of your best, run 9\n");
    /* Sure, and too small to mean anything. */
    expect(make(1.005, 0.001, 16, 1.005, 0.001), &PASSED, "within noise of your last run\n");
    expect(make(NAN, NAN, 16, NAN, NAN), &PASSED, "within noise of your last run\n");
}
END_TEST

START_TEST(large_changes_are_factors) {
    expect(make(3, 0.2, 16, 3, 0.2), &PASSED, "3.00x as fast as your last run [2.80, 3.20]; best so far\n");
    expect(make(0.4, 0.02, 16, 0.4, 0.02), &PASSED, "0.40x the speed of your last run [0.38, 0.42]\n");
}
END_TEST

START_TEST(nothing_to_say) {
    const struct result untimed = {.ratio = NAN, .verdict = VERDICT_PASSED},
                        unstable = {.ratio = 2, .verdict = VERDICT_UNSTABLE};
    struct store_standing none = {.last_points = NAN, .best_points = NAN};
    expect(none, &PASSED, "");
    expect(make(1.5, 0.1, 16, 1.5, 0.1), &untimed, "");
    expect(make(1.5, 0.1, 16, 1.5, 0.1), &unstable, "");
}
END_TEST

START_TEST(other_machines) {
    struct store_standing s = {.stranger = 15, .why = STORE_OTHER_CPU, .elsewhere = 1};
    expect(s, &PASSED, "your last run, run 15, was on another machine (CPU): speeds are not compared\n");
    s.why = STORE_OTHER_VERSION;
    expect(s, &PASSED, "your last run, run 15, was of another version of the challenge: speeds are not compared\n");
    s = make(1.2, 0.01, 16, 1.2, 0.01);
    s.stranger = 18;
    s.why = STORE_OTHER_LEVEL;
    expect(s, &PASSED,
           "your last run, run 18, was in a sandbox of another level: speeds are not compared\n"
           "20.0 % faster than your last run here, run 16 [19.0, 21.0]; best so far\n");
}
END_TEST

START_TEST(points_of_a_failure) {
    const struct result wrong = {.ratio = NAN, .verdict = VERDICT_WRONG_ANSWER, .points = 20};
    struct store_standing s = {.most_points = 12, .best_points = 86, .last_points = 3};
    expect(s, &wrong, "your best so far is run 12 with 86 points\n");
    s.best_points = 20;
    expect(s, &wrong, "");
}
END_TEST

START_TEST(seeds_are_told_apart_and_not_told) {
    char *a = keep_seed_reference(7), *b = keep_seed_reference(7), *c = keep_seed_reference(8);
    ck_assert_str_eq(a, b);
    ck_assert_str_ne(a, c);
    ck_assert_uint_ge(__builtin_strlen(a), 32);
    free(a);
    free(b);
    free(c);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("standing");
    TCase *test = tcase_create("words");
    tcase_add_test(test, faster_slower_and_even);
    tcase_add_test(test, large_changes_are_factors);
    tcase_add_test(test, nothing_to_say);
    tcase_add_test(test, other_machines);
    tcase_add_test(test, points_of_a_failure);
    tcase_add_test(test, seeds_are_told_apart_and_not_told);
    suite_add_tcase(suite, test);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
