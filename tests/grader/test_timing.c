/* SPDX-License-Identifier: MIT */
/* [timing]: ratios on simulated machines, quiet, loaded and with a candidate that waits. No real clock is read. */
#include <check.h>
#include <math.h>

#include "tests/grader/simulated_machine.h"

START_TEST(test_percentile) {
    const double value[5] = {5, 1, 4, 2, 3}, even[4] = {10, 0, 20, 30};

    ck_assert_double_eq(timing_percentile(value, 5, 0.5), 3);
    ck_assert_double_eq(timing_percentile(value, 5, 0), 1);
    ck_assert_double_eq(timing_percentile(value, 5, 1), 5);
    ck_assert_double_eq(timing_percentile(value, 5, 0.125), 1.5);
    ck_assert_double_eq(timing_percentile(even, 4, 0.5), 15);
    ck_assert_double_eq(timing_percentile(even, 1, 0.9), 10);
    ck_assert_double_eq(value[0], 5);
}
END_TEST

START_TEST(test_quiet_machine) {
    struct timing_pair pair[40] = {0};
    struct machine m = machine_quiet(1, 5e6, 10e6);
    struct timing_estimate e, again;

    machine_run(&m, pair, 40);
    timing_estimate(pair, 40, 4, 1, 0.02, &e);
    ck_assert_double_eq_tol(e.ratio, 2, 0.01);
    ck_assert_double_le(e.low, e.ratio);
    ck_assert_double_ge(e.high, e.ratio);
    ck_assert(e.enough && e.usable);
    ck_assert_int_eq(e.clock, TIMING_WALL);
    ck_assert_uint_eq(e.pairs, 40);
    ck_assert_uint_eq(e.clean, 40);
    ck_assert_double_eq_tol(e.candidate_ns, 1.28e6, 0.03e6);
    ck_assert_double_eq_tol(e.baseline_ns, 2.56e6, 0.06e6);
    ck_assert_double_lt(e.candidate_spread, 0.05);
    timing_estimate(pair, 40, 4, 1, 0.02, &again);
    ck_assert_mem_eq(&e, &again, sizeof e);
}
END_TEST

/* The interval must hold the truth about as often as it says: noise of 5 % on each pair, 30 pairs. */
START_TEST(test_interval_covers) {
    struct timing_pair pair[30] = {0};
    struct dice dice = {99};
    int inside = 0;

    for (int session = 0; session < 400; session++) {
        struct timing_estimate e;
        for (int i = 0; i < 30; i++) {
            double noise = 0;
            for (int k = 0; k < 6; k++)
                noise += draw_in(&dice, -0.05, 0.05);
            pair[i].candidate = (struct timing_side){.wall_ns = 10000000, .cpu_ns = 10000000};
            pair[i].baseline.wall_ns = pair[i].baseline.cpu_ns = (int64_t)(15e6 * exp(noise));
        }
        timing_estimate(pair, 30, 1, 1, 0.02, &e);
        inside += e.low <= 1.5 && 1.5 <= e.high;
    }
    ck_assert_int_ge(inside, 360);
    ck_assert_int_le(inside, 398);
}
END_TEST

START_TEST(test_few_pairs) {
    struct timing_pair pair[20] = {0};
    struct machine m = machine_quiet(3, 5e6, 10e6);
    struct timing_estimate e;

    machine_run(&m, pair, 20);
    timing_estimate(pair, 0, 1, 1, 0.02, &e);
    ck_assert(!e.enough && !e.usable && e.ratio == 0);
    timing_estimate(pair, 1, 1, 1, 0.02, &e);
    ck_assert(!e.enough && !e.usable);
    ck_assert_double_eq_tol(e.ratio, 2, 0.05);
    timing_estimate(pair, 7, 1, 1, 0.02, &e);
    ck_assert(!e.enough && e.usable);
    timing_estimate(pair, 15, 1, 1, 0.02, &e);
    ck_assert(e.enough && e.usable);
    for (int i = 0; i < 20; i++)
        pair[i].baseline.wall_ns = pair[i].baseline.cpu_ns = 1000000 * (3 + i % 7);
    timing_estimate(pair, 20, 1, 1, 0.02, &e);
    ck_assert(!e.enough && !e.usable);
    pair[0].candidate.wall_ns = 0;
    timing_estimate(pair, 1, 1, 1, 0.02, &e);
    ck_assert(!e.usable && !e.enough);
}
END_TEST

/* A quarter of the pairs preempted: they are dropped and the rest is exact. */
START_TEST(test_preempted_pairs_are_dropped) {
    struct timing_pair pair[60] = {0};
    struct machine m = machine_quiet(4, 4e6, 6e6);
    struct timing_estimate e;

    m.preempt_per_ms = 0.05;
    machine_run(&m, pair, 60);
    timing_estimate(pair, 60, 1, 1, 0.02, &e);
    ck_assert_int_eq(e.clock, TIMING_WALL);
    ck_assert_uint_lt(e.clean, 55);
    ck_assert_uint_gt(e.clean, 15);
    ck_assert_double_eq_tol(e.ratio, 1.5, 0.015);
    ck_assert(e.usable);
}
END_TEST

START_TEST(test_cpu_time_carries_under_load) {
    struct timing_pair pair[40] = {0};
    struct machine m = machine_quiet(5, 60e6, 90e6);
    struct timing_estimate e;

    m.preempt_per_ms = 0.3;
    machine_run(&m, pair, 40);
    timing_estimate(pair, 40, 1, 1, 0.02, &e);
    ck_assert_int_eq(e.clock, TIMING_CPU);
    ck_assert_double_eq_tol(e.ratio, 1.5, 0.01);
    ck_assert(e.usable && e.enough);
    ck_assert_uint_eq(e.clean, 40);
    /* With two threads there is no honest clock left. */
    m.threads = 2;
    m.idle_share = 0.1;
    machine_run(&m, pair, 40);
    timing_estimate(pair, 40, 1, 2, 0.02, &e);
    ck_assert_int_eq(e.clock, TIMING_WALL);
    ck_assert(!e.usable && !e.enough);
}
END_TEST

START_TEST(test_two_threads_quiet) {
    struct timing_pair pair[40] = {0};
    struct machine m = machine_quiet(6, 20e6, 30e6);
    struct timing_estimate e;

    m.threads = 2;
    m.idle_share = 0.2;
    machine_run(&m, pair, 40);
    timing_estimate(pair, 40, 1, 2, 0.02, &e);
    ck_assert(e.usable && e.enough);
    ck_assert_double_eq_tol(e.ratio, 1.5, 0.015);
}
END_TEST

/* A third of every call is spent asleep: the clock is wall time, on quiet machines and on loaded ones. */
START_TEST(test_sleeping_gains_nothing) {
    struct timing_pair pair[60] = {0};
    struct timing_estimate e;

    for (int loaded = 0; loaded < 2; loaded++) {
        struct machine m = machine_quiet(7, 40e6, 60e6);
        m.preempt_per_ms = loaded ? 0.08 : 0;
        machine_run(&m, pair, 60);
        for (int i = 0; i < 60; i++)
            pair[i].candidate.wall_ns += 40000000;
        timing_estimate(pair, 60, 1, 1, 0.02, &e);
        ck_assert_int_eq(e.clock, TIMING_WALL);
        ck_assert_double_lt(e.ratio, 1.5 * 0.65);
    }
}
END_TEST

/* Half of the contents are three times slower for the candidate, and there it sleeps to have the pair dropped. */
START_TEST(test_choosing_pairs_by_sleeping_gains_nothing) {
    struct timing_pair pair[60] = {0};
    struct machine m = machine_quiet(8, 10e6, 10e6);
    struct timing_estimate e;

    machine_run(&m, pair, 60);
    for (int i = 0; i < 60; i++) {
        if (i % 5 < 2)
            continue;
        pair[i].candidate.wall_ns *= 3;
        pair[i].candidate.cpu_ns *= 3;
        pair[i].candidate.wall_ns += 1000000;
    }
    timing_estimate(pair, 60, 1, 1, 0.02, &e);
    ck_assert_double_lt(e.ratio, 0.4);
}
END_TEST

/* Where load hides the excess, the ratio is by CPU time, and hidden work is in that. */
START_TEST(test_hidden_work_under_load_gains_nothing) {
    struct timing_pair pair[40] = {0};
    struct machine m = machine_quiet(9, 80e6, 80e6);
    struct timing_estimate e;

    m.preempt_per_ms = 0.3;
    machine_run(&m, pair, 40);
    for (int i = 0; i < 40; i++)
        pair[i].candidate.wall_ns -= 20000000;
    timing_estimate(pair, 40, 1, 1, 0.02, &e);
    ck_assert_double_eq_tol(e.ratio, 1, 0.02);
}
END_TEST

/* Two threads whose idle time is anyone's guess: even a steady ratio is then not to be believed. */
START_TEST(test_two_threads_without_clean_pairs) {
    struct timing_pair pair[40] = {0};
    struct timing_estimate e;

    for (int i = 0; i < 40; i++) {
        const struct timing_side side = {.wall_ns = 10000000 + 1000000 * i, .cpu_ns = 20000000};
        pair[i].candidate = pair[i].baseline = side;
    }
    timing_estimate(pair, 40, 1, 2, 0.02, &e);
    ck_assert_double_eq(e.ratio, 1);
    ck_assert_double_eq(e.low, e.high);
    ck_assert(!e.usable && !e.enough);
}
END_TEST

/* Four families of which one suits the candidate by a fifth, and a warm second place worth a tenth: the level is the
 * average over both, and the interval shows only the 1 % of noise. */
START_TEST(test_families_and_order_are_levelled) {
    struct timing_pair pair[32] = {0};
    struct dice dice = {7};
    struct timing_estimate e, mixed;

    for (unsigned i = 0; i < 32; i++) {
        const double gain =
            (i % 4 == 1 ? 1.2 : 1) * ((i + i / 4) % 2 ? 1.1 : 1 / 1.1) * exp(draw_in(&dice, -0.01, 0.01));
        pair[i].family = i % 4;
        pair[i].baseline_first = (i + i / 4) % 2;
        pair[i].candidate.wall_ns = pair[i].candidate.cpu_ns = 10000000;
        pair[i].baseline.wall_ns = pair[i].baseline.cpu_ns = (int64_t)(10e6 * gain);
    }
    timing_estimate(pair, 32, 1, 1, 0.02, &e);
    ck_assert_double_eq_tol(e.ratio, pow(1.2, 0.25), 0.01);
    ck_assert_double_le(e.high - e.low, 0.02);
    ck_assert(e.enough && e.usable);
    for (unsigned i = 0; i < 32; i++)
        pair[i].family = pair[i].baseline_first = 0;
    timing_estimate(pair, 32, 1, 1, 0.02, &mixed);
    ck_assert(!mixed.usable);
}
END_TEST

/* Effects that are fitted to as many pairs as there are effects would leave no noise at all. */
START_TEST(test_few_pairs_are_not_levelled) {
    struct timing_pair pair[8] = {0};
    struct timing_estimate e;

    for (unsigned i = 0; i < 8; i++) {
        pair[i].family = i;
        pair[i].candidate.wall_ns = pair[i].candidate.cpu_ns = 10000000;
        pair[i].baseline.wall_ns = pair[i].baseline.cpu_ns = 10000000 + 2000000 * (int64_t)i;
    }
    timing_estimate(pair, 8, 1, 1, 0.02, &e);
    ck_assert_double_gt(e.high - e.low, 0.3);
    ck_assert(!e.usable);
}
END_TEST

/* A round of fresh processes lies in one buffer level as a whole. When one side is starved through all of it, its pairs
 * agree with each other, and evening the levels out gave a ratio that no pair had, with an interval as narrow as the
 * quiet round's: 0.20 for a candidate of 0.56. */
START_TEST(test_a_starved_round_is_no_effect) {
    struct timing_pair pair[12] = {0};
    struct dice dice = {11};
    struct timing_estimate e;

    for (unsigned i = 0; i < 12; i++) {
        const double truth = 0.56, starved = i >= 6 ? 8 : 1;
        pair[i].family = i % 4;
        pair[i].baseline_first = (i / 2) % 2;
        pair[i].swapped = i >= 6;
        pair[i].baseline.wall_ns = pair[i].baseline.cpu_ns = 2000000;
        pair[i].candidate.cpu_ns = (int64_t)(2e6 / truth * starved * exp(draw_in(&dice, -0.01, 0.01)));
        pair[i].candidate.wall_ns = pair[i].candidate.cpu_ns;
    }
    for (size_t count = 8; count <= 12; count += 4) {
        timing_estimate(pair, count, 1, 1, 0.015, &e);
        ck_assert_double_le(e.low, 0.08);
        ck_assert_double_ge(e.high, 0.5);
        ck_assert(!e.usable && !e.enough);
    }
}
END_TEST

/* A buffer in slower memory is an effect, and is evened out as before. */
START_TEST(test_a_slower_buffer_is_an_effect) {
    struct timing_pair pair[24] = {0};
    struct timing_estimate e;

    for (unsigned i = 0; i < 24; i++) {
        pair[i].family = i % 4;
        pair[i].swapped = i / 6 % 2;
        pair[i].baseline.wall_ns = pair[i].baseline.cpu_ns = 2000000;
        pair[i].candidate.wall_ns = pair[i].candidate.cpu_ns = pair[i].swapped ? 2400000 : 2000000 * 10 / 12;
    }
    timing_estimate(pair, 24, 1, 1, 0.015, &e);
    ck_assert_double_eq_tol(e.ratio, 1, 0.001);
    ck_assert(e.usable);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("timing");
    TCase *tcase = tcase_create("ratio");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_a_starved_round_is_no_effect);
    tcase_add_test(tcase, test_a_slower_buffer_is_an_effect);
    tcase_add_test(tcase, test_percentile);
    tcase_add_test(tcase, test_quiet_machine);
    tcase_add_test(tcase, test_interval_covers);
    tcase_add_test(tcase, test_few_pairs);
    tcase_add_test(tcase, test_preempted_pairs_are_dropped);
    tcase_add_test(tcase, test_cpu_time_carries_under_load);
    tcase_add_test(tcase, test_two_threads_quiet);
    tcase_add_test(tcase, test_sleeping_gains_nothing);
    tcase_add_test(tcase, test_choosing_pairs_by_sleeping_gains_nothing);
    tcase_add_test(tcase, test_hidden_work_under_load_gains_nothing);
    tcase_add_test(tcase, test_two_threads_without_clean_pairs);
    tcase_add_test(tcase, test_families_and_order_are_levelled);
    tcase_add_test(tcase, test_few_pairs_are_not_levelled);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
