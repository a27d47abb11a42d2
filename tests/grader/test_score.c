/* SPDX-License-Identifier: MIT */
/* [score] at its edges. */
#include <check.h>
#include <math.h>
#include <signal.h>

#include "grader/score.h"

START_TEST(test_share) {
    ck_assert_double_eq(score_share(0, 0.3, 1), 0);
    ck_assert_double_eq(score_share(-1, 0.3, 1), 0);
    ck_assert_double_eq(score_share(0.3, 0.3, 1), 0);
    ck_assert_double_eq(score_share(1, 0.3, 1), 1);
    ck_assert_double_eq(score_share(INFINITY, 0.3, 1), 1);
    ck_assert_double_eq(score_share(NAN, 0.3, 1), 0);
    ck_assert_double_eq_tol(score_share(1, 0.5, 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(score_share(sqrt(0.3), 0.3, 1), 0.5, 1e-15);
    ck_assert_double_gt(score_share(0.31, 0.3, 1), 0);
    ck_assert_double_lt(score_share(0.99, 0.3, 1), 1);
}
END_TEST

START_TEST(test_equal_marks) {
    score_share(1, 1, 1);
}
END_TEST

START_TEST(test_zero_mark) {
    score_share(1, 0, 1);
}
END_TEST

START_TEST(test_mean) {
    const double even[2] = {0.5, 2}, three[3] = {1, 3, 9}, broken[2] = {4, 0}, nan[3] = {1, NAN, 2};

    ck_assert_double_eq_tol(score_geometric_mean(even, 2), 1, 1e-15);
    ck_assert_double_eq_tol(score_geometric_mean(three, 3), 3, 1e-15);
    ck_assert_double_eq(score_geometric_mean(three, 1), 1);
    ck_assert_double_eq(score_geometric_mean(broken, 2), 0);
    ck_assert_double_eq(score_geometric_mean(nan, 3), 0);
}
END_TEST

START_TEST(test_mean_of_nothing) {
    score_geometric_mean(&(double){1}, 0);
}
END_TEST

START_TEST(test_points) {
    struct score_input input = {.points_correct = 40,
                                .points_speed = 60,
                                .cases = 8,
                                .cases_passed = 8,
                                .timed = 1,
                                .ratio = 1,
                                .ratio_zero = 0.5,
                                .ratio_full = 2};

    ck_assert_double_eq_tol(score_points(&input), 70, 1e-12);
    input.ratio = 5;
    ck_assert_double_eq(score_points(&input), 100);
    input.ratio = 0;
    ck_assert_double_eq(score_points(&input), 40);
    input.ratio = NAN;
    ck_assert_double_eq(score_points(&input), 40);
    input.ratio = 5;
    input.timed = 0;
    ck_assert_double_eq(score_points(&input), 40);
    input.timed = 1;
    input.cases_passed = 7;
    ck_assert_double_eq(score_points(&input), 0);
    input.partial = 1;
    ck_assert_double_eq(score_points(&input), 35);
    input.cases_passed = 0;
    ck_assert_double_eq(score_points(&input), 0);
    input.cases = 0;
    ck_assert_double_eq(score_points(&input), 0);
}
END_TEST

/* With gates the cases count only in that all of them have to be right. */
START_TEST(test_gates) {
    struct score_input input = {.points_correct = 90,
                                .points_speed = 10,
                                .partial = 1,
                                .cases = 100,
                                .cases_passed = 99,
                                .gates = 3,
                                .gates_passed = 2,
                                .timed = 1,
                                .ratio = 2,
                                .ratio_zero = 0.5,
                                .ratio_full = 2};

    ck_assert_double_eq_tol(score_points(&input), 60, 1e-12);
    input.gates_passed = 0;
    ck_assert_double_eq(score_points(&input), 0);
    input.gates_passed = 2;
    input.partial = 0;
    ck_assert_double_eq(score_points(&input), 0);
    input.cases_passed = 100;
    input.gates_passed = 3;
    ck_assert_double_eq(score_points(&input), 100);
    input.partial = 1;
    ck_assert_double_eq(score_points(&input), 100);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("score");
    TCase *tcase = tcase_create("score");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_share);
    tcase_add_test(tcase, test_mean);
    tcase_add_test(tcase, test_points);
    tcase_add_test(tcase, test_gates);
    tcase_add_test_raise_signal(tcase, test_equal_marks, SIGABRT);
    tcase_add_test_raise_signal(tcase, test_zero_mark, SIGABRT);
    tcase_add_test_raise_signal(tcase, test_mean_of_nothing, SIGABRT);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
