/* SPDX-License-Identifier: MIT */
/* The rate at the edges of its three parts. */
#define REAL_IS_DOUBLE 1
#include "reference/schedule.h"

#include <check.h>
#include <stdlib.h>

static const struct schedule usual = {.warmup = 30, .decay_steps = 300, .peak = 1.5e-2, .minimum = 1.5e-3};

static const struct {
    int64_t step;
    double rate;
} known[] = {
    {0, 5e-4}, {14, 7.5e-3}, {28, 1.45e-2}, {29, 1.5e-2}, {30, 1.5e-2}, {165, 8.25e-3}, {300, 1.5e-3}, {10000, 1.5e-3},
};

START_TEST(known_values) {
    ck_assert_double_eq_tol(schedule_rate(&usual, known[_i].step), known[_i].rate, 1e-16);
}
END_TEST

START_TEST(it_rises_and_then_falls) {
    for (int64_t step = 0; step < 400; step++) {
        double now = schedule_rate(&usual, step), after = schedule_rate(&usual, step + 1);
        if (step < 29)
            ck_assert_double_gt(after, now);
        else
            ck_assert_double_le(after, now * (1 + 1e-15));
        ck_assert_double_le(now, usual.peak * (1 + 1e-15));
        ck_assert_double_gt(after, 0);
    }
}
END_TEST

START_TEST(short_schedules) {
    struct schedule none = {.warmup = 0, .decay_steps = 10, .peak = 2, .minimum = 1};
    struct schedule one = {.warmup = 1, .decay_steps = 11, .peak = 2, .minimum = 1};
    struct schedule inside = {.warmup = 8, .decay_steps = 4, .peak = 2, .minimum = 1}; /* ends before it starts */
    ck_assert_double_eq(schedule_rate(&none, 0), 2);
    ck_assert_double_eq_tol(schedule_rate(&none, 5), 1.5, 1e-15);
    ck_assert_double_eq_tol(schedule_rate(&none, 10), 1, 1e-15);
    ck_assert_double_eq(schedule_rate(&one, 0), 2);
    ck_assert_double_eq(schedule_rate(&one, 1), 2);
    ck_assert_double_eq_tol(schedule_rate(&one, 6), 1.5, 1e-15);
    ck_assert_double_eq(schedule_rate(&inside, 7), 2);
    ck_assert_double_eq(schedule_rate(&inside, 8), 2);
    ck_assert_double_eq_tol(schedule_rate(&inside, 9), 1, 1e-15);
}
END_TEST

START_TEST(beyond_its_end_the_cosine_rises) {
    ck_assert_double_eq_tol(schedule_decayed(&usual, 1), usual.minimum, 1e-17);
    ck_assert_double_eq_tol(schedule_decayed(&usual, 2), usual.peak, 1e-16);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("schedule");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, known_values, 0, (int)(sizeof known / sizeof known[0]));
    tcase_add_test(all, it_rises_and_then_falls);
    tcase_add_test(all, short_schedules);
    tcase_add_test(all, beyond_its_end_the_cosine_rises);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
