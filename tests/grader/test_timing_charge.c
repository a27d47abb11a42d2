/* SPDX-License-Identifier: MIT */
/* [timing]: a candidate that cheats in so few GOs that no rule may accuse it must gain nothing either; and an honest
 * one must not pay for the noise of its machine. */
#include <check.h>
#include <math.h>
#include <stdbool.h>

#include "grader/timing_pairs.h"
#include "tests/grader/simulated_machine.h"

enum { PAIRS = 18, FAMILIES = 4, A_ROUND = 6 };

enum where { IN_ONE_FAMILY, IN_ONE_ROUND, IN_ONE_ORDER, IN_A_THIRD, WHERE_COUNT };

static bool cheats_in(enum where where, const struct timing_pair *pair, unsigned i) {
    static const unsigned honest_one = 2; /* half of the pairs but one, so that every median stays honest */
    switch (where) {
    case IN_ONE_FAMILY:
        return pair->family == 1;
    case IN_ONE_ROUND:
        return pair->swapped;
    case IN_ONE_ORDER:
        return pair->baseline_first && i / FAMILIES != honest_one;
    default:
        return i % 3 == 0;
    }
}

static void make_session(struct machine *m, struct timing_pair *pair) {
    machine_run(m, pair, PAIRS);
    for (unsigned i = 0; i < PAIRS; i++) {
        pair[i].family = i % FAMILIES;
        pair[i].baseline_first = (i + i / FAMILIES) % 2;
        pair[i].swapped = i / A_ROUND % 2;
    }
}

/* What is done before GO or behind DONE is missing in the wall time and present in the CPU time. */
START_TEST(test_work_outside_the_clock_gains_nothing) {
    for (uint64_t session = 0; session < 200; session++) {
        struct machine m = machine_quiet(session, 2e6, 2e6);
        struct timing_pair pair[PAIRS];
        struct timing_estimate e;

        make_session(&m, pair);
        for (unsigned i = 0; i < PAIRS; i++)
            if (cheats_in((enum where)_i, &pair[i], i))
                pair[i].candidate.wall_ns = 300;
        timing_estimate(pair, PAIRS, 1, 1, 0.02, &e);
        ck_assert_msg(e.ratio < 1.05, "%.3f", e.ratio);
        ck_assert_msg(e.ratio > 0.97, "%.3f", e.ratio);
    }
}
END_TEST

/* Done while it had to be parked, it is in neither of the GO's own times. */
START_TEST(test_work_while_parked_gains_nothing) {
    for (uint64_t session = 0; session < 200; session++) {
        struct machine m = machine_quiet(session, 2e6, 2e6);
        struct timing_pair pair[PAIRS];
        struct timing_estimate e;

        make_session(&m, pair);
        for (unsigned i = 0; i < PAIRS; i++)
            if (cheats_in((enum where)_i, &pair[i], i)) {
                pair[i].candidate.idle_ns += pair[i].candidate.wall_ns;
                pair[i].candidate.cpu_ns -= pair[i].candidate.wall_ns - 300;
                pair[i].candidate.wall_ns = 300;
            }
        timing_estimate(pair, PAIRS, 1, 1, 0.02, &e);
        ck_assert_msg(e.ratio < 1.05, "%.3f", e.ratio);
    }
}
END_TEST

/* Serial work with two threads allowed: the CPU account has room for as much again, the lateness has not. */
START_TEST(test_a_tail_behind_done_gains_nothing) {
    for (uint64_t session = 0; session < 200; session++) {
        struct machine m = machine_quiet(session, 2e6, 2e6);
        struct timing_pair pair[PAIRS];
        struct timing_estimate e;

        make_session(&m, pair);
        for (unsigned i = 0; i < PAIRS; i++) {
            pair[i].baseline.late_ns = (int64_t)draw_in(&m.dice, 10e3, 60e3);
            pair[i].candidate.late_ns = (int64_t)draw_in(&m.dice, 10e3, 60e3) + 800000;
            pair[i].candidate.wall_ns -= 800000;
        }
        timing_estimate(pair, PAIRS, 1, 2, 0.02, &e);
        ck_assert_msg(e.ratio < 1.06, "%.3f", e.ratio);
        for (unsigned i = 0; i < PAIRS; i++) {
            pair[i].candidate.wall_ns += 800000;
            pair[i].candidate.late_ns -= 800000;
        }
        timing_estimate(pair, PAIRS, 1, 2, 0.02, &e);
        ck_assert_msg(e.ratio > 0.97, "%.3f", e.ratio);
    }
}
END_TEST

/* One family of four is eight times too slow, and there it waits to have the pair dropped. The median would not notice:
 * the average over all families does. */
START_TEST(test_a_family_cannot_be_dropped) {
    struct machine m = machine_quiet(3, 2e6, 2e6);
    struct timing_pair pair[PAIRS * 3];
    struct timing_estimate e;
    const unsigned threads = (unsigned)_i;

    m.threads = threads;
    machine_run(&m, pair, PAIRS * 3);
    for (unsigned i = 0; i < PAIRS * 3; i++) {
        pair[i].family = i % FAMILIES;
        if (pair[i].family != 1)
            continue;
        pair[i].candidate.wall_ns = pair[i].candidate.wall_ns * 8 + 3000000;
        pair[i].candidate.cpu_ns *= 8;
    }
    timing_estimate(pair, PAIRS * 3, 1, threads, 0.02, &e);
    ck_assert_msg(!e.usable || e.ratio < 0.65, "%.3f", e.ratio);
}
END_TEST

/* Hundreds of honest sessions on loaded machines: what the charge takes is far below what is told apart at all. */
START_TEST(test_honest_work_is_not_charged) {
    static struct timing_pair pair[60], charged[60];
    double taken = 0;
    size_t sessions = 0;

    for (uint64_t session = 0; session < 500; session++) {
        struct machine m = machine_honest(session);
        double before[60], after[60];

        machine_run(&m, pair, 60);
        timing_charge(pair, 60, 1, charged);
        for (unsigned i = 0; i < 60; i++) {
            ck_assert_int_ge(charged[i].candidate.wall_ns, pair[i].candidate.wall_ns);
            ck_assert_mem_eq(&charged[i].baseline, &pair[i].baseline, sizeof pair[i].baseline);
            before[i] = (double)pair[i].candidate.wall_ns;
            after[i] = (double)charged[i].candidate.wall_ns;
        }
        taken += timing_percentile(after, 60, 0.5) / timing_percentile(before, 60, 0.5) - 1;
        sessions++;
    }
    ck_assert_double_lt(taken / (double)sessions, 0.002);
    timing_charge(pair, 0, 1, charged);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("timing_charge");
    TCase *tcase = tcase_create("charge");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_work_outside_the_clock_gains_nothing, 0, WHERE_COUNT);
    tcase_add_loop_test(tcase, test_work_while_parked_gains_nothing, 0, WHERE_COUNT);
    tcase_add_test(tcase, test_a_tail_behind_done_gains_nothing);
    tcase_add_loop_test(tcase, test_a_family_cannot_be_dropped, 1, 3);
    tcase_add_test(tcase, test_honest_work_is_not_charged);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
