/* SPDX-License-Identifier: MIT */
/* [timing]: trust. Ten thousand honest sessions on loaded machines must raise no alarm, and each way of cheating the
 * clock must raise one. */
#include <check.h>
#include <string.h>

#include "tests/grader/simulated_machine.h"

enum { PAIRS_MAX = 128, SESSIONS = 10000 };

START_TEST(test_no_false_alarms) {
    static struct timing_pair pair[PAIRS_MAX];
    int alarms = 0;

    for (uint64_t session = 0; session < SESSIONS; session++) {
        struct machine m = machine_honest(session);
        struct timing_account account;
        const size_t count = 7 + (size_t)draw_in(&m.dice, 0, 94);

        machine_run(&m, pair, count);
        timing_check(pair, count, 1, &account);
        alarms += account.verdict != VERDICT_PASSED;
        ck_assert_msg(account.verdict == VERDICT_PASSED, "session %d of %zu pairs: %s", (int)session, count,
                      account.sentence);
    }
    ck_assert_int_eq(alarms, 0);
}
END_TEST

START_TEST(test_no_false_alarms_with_threads) {
    static struct timing_pair pair[PAIRS_MAX];

    for (uint64_t session = 0; session < 2000; session++) {
        struct machine m = machine_honest(session);
        struct timing_account account;
        const size_t count = 7 + (size_t)draw_in(&m.dice, 0, 54);

        m.threads = 2;
        m.work_ns[CANDIDATE] = fmax(m.work_ns[CANDIDATE], 2e6);
        m.work_ns[BASELINE] = fmax(m.work_ns[BASELINE], 2e6);
        m.idle_share = draw_in(&m.dice, 0, 0.4);
        machine_run(&m, pair, count);
        timing_check(pair, count, 2, &account);
        ck_assert_msg(account.verdict == VERDICT_PASSED, "session %d: %s", (int)session, account.sentence);
    }
}
END_TEST

/* Twenty programs on two cores: the grader is late with every third GO while the worker spins, a thread that seems to
 * sleep is still on its way, and time is up after a few pairs. */
START_TEST(test_no_false_alarms_on_a_choked_machine) {
    static struct timing_pair pair[PAIRS_MAX];
    int alarms = 0;

    for (uint64_t session = 0; session < 4000; session++) {
        struct machine m = machine_honest(session);
        struct timing_account account;
        const size_t count = 7 + (size_t)draw_in(&m.dice, 0, 14);

        m.late = draw_in(&m.dice, 0.05, 0.4);
        m.idle_noise = draw_in(&m.dice, 0.05, 0.4);
        machine_run(&m, pair, count);
        timing_check(pair, count, 1, &account);
        alarms += account.verdict != VERDICT_PASSED;
    }
    ck_assert_int_le(alarms, 4);
}
END_TEST

enum cheat {
    CHEAT_IDLE,
    CHEAT_IDLE_SOMETIMES,
    CHEAT_AFTER,
    CHEAT_AFTER_ALL,
    CHEAT_AFTER_OFTEN,
    CHEAT_BEFORE,
    CHEAT_SECOND_CORE,
    CHEAT_COUNT
};

static void cheat(struct timing_side *side, enum cheat kind, size_t i) {
    const double wall = (double)side->wall_ns;

    switch (kind) {
    case CHEAT_IDLE:
        side->idle_ns += 200000;
        break;
    case CHEAT_IDLE_SOMETIMES:
        side->idle_ns += i % 3 == 0 ? 200000 : 0;
        break;
    case CHEAT_AFTER:
        side->wall_ns -= (int64_t)(0.1 * wall);
        break; /* a tenth of the work after DONE */
    case CHEAT_AFTER_ALL:
        side->wall_ns = 30000;
        break;
    case CHEAT_AFTER_OFTEN:
        side->wall_ns -= i % 3 == 0 ? (int64_t)(0.3 * wall) : 0;
        break;
    case CHEAT_BEFORE:
        side->cpu_ns += 100000;
        side->before_ns += 100000;
        break;
    case CHEAT_SECOND_CORE:
        side->wall_ns -= (int64_t)(0.45 * wall);
        break;
    case CHEAT_COUNT:
        break;
    }
}

static const char *const cheat_words[CHEAT_COUNT] = {[CHEAT_IDLE] = "parked",
                                                     [CHEAT_IDLE_SOMETIMES] = "parked",
                                                     [CHEAT_AFTER] = "outside the clock",
                                                     [CHEAT_AFTER_ALL] = "more cores",
                                                     [CHEAT_AFTER_OFTEN] = "outside the clock",
                                                     [CHEAT_BEFORE] = "outside the clock",
                                                     [CHEAT_SECOND_CORE] = "more cores than the 1 allowed"};

START_TEST(test_cheats_are_caught) {
    static struct timing_pair pair[PAIRS_MAX];
    const enum cheat kind = (enum cheat)_i;
    int missed = 0;

    for (uint64_t session = 0; session < 200; session++) {
        struct timing_account account;
        struct machine m = machine_honest(session);

        m.work_ns[CANDIDATE] = 1.5e6; /* short GOs stay clean even on a loaded machine */
        m.work_ns[BASELINE] = 2e6;
        m.preempt_per_ms = fmin(m.preempt_per_ms, 0.15);
        machine_run(&m, pair, PAIRS_MAX);
        for (size_t i = 0; i < PAIRS_MAX; i++)
            cheat(&pair[i].candidate, kind, i);
        timing_check(pair, PAIRS_MAX, 1, &account);
        if (account.verdict != VERDICT_TAMPERED) {
            missed++;
            continue;
        }
        ck_assert_msg(strstr(account.sentence, cheat_words[kind]) != NULL, "%s", account.sentence);
        ck_assert_uint_lt(strlen(account.sentence), sizeof account.sentence - 1);
        ck_assert_int_eq(account.sentence[strlen(account.sentence) - 1], '.');
    }
    /* What is done in a third of the GOs must be told from noise by counting: now and then it is too close. */
    ck_assert_int_le(missed, kind == CHEAT_AFTER_OFTEN ? 6 : 0);
}
END_TEST

START_TEST(test_known_harmless_time_is_not_charged) {
    struct timing_pair pair[20] = {0};
    struct machine m = machine_quiet(10, 5e6, 5e6);
    struct timing_account account;

    machine_run(&m, pair, 20);
    for (int i = 0; i < 20; i++)
        pair[i].candidate.cpu_ns += 400000;
    timing_check(pair, 20, 1, &account);
    ck_assert_int_eq(account.verdict, VERDICT_TAMPERED);
    for (int i = 0; i < 20; i++) {
        pair[i].candidate.start_ns = 100000;
        pair[i].candidate.end_ns = 300000;
    }
    timing_check(pair, 20, 1, &account);
    ck_assert_int_eq(account.verdict, VERDICT_PASSED);
    ck_assert_str_eq(account.sentence, "");
    timing_check(pair, 0, 1, &account);
    ck_assert_int_eq(account.verdict, VERDICT_PASSED);
}
END_TEST

/* The few undisturbed pairs of a loaded machine are those in which something added CPU time: they prove nothing. */
START_TEST(test_too_few_clean_pairs_prove_nothing) {
    struct timing_pair pair[60] = {0};
    struct timing_account account;

    for (int i = 0; i < 60; i++) {
        const bool clean = i % 6 == 0;
        pair[i].baseline = (struct timing_side){.wall_ns = 10000000, .cpu_ns = clean ? 10000000 : 5000000};
        pair[i].candidate = pair[i].baseline;
        pair[i].candidate.cpu_ns += clean ? 500000 : 0;
    }
    timing_check(pair, 60, 1, &account);
    ck_assert_int_eq(account.verdict, VERDICT_PASSED);
    for (int i = 0; i < 60; i++)
        pair[i].baseline.cpu_ns = pair[i].candidate.wall_ns;
    for (int i = 0; i < 60; i++)
        pair[i].candidate.cpu_ns = 10500000;
    timing_check(pair, 60, 1, &account);
    ck_assert_int_eq(account.verdict, VERDICT_TAMPERED);
    timing_check(pair, 6, 1, &account);
    ck_assert_int_eq(account.verdict, VERDICT_PASSED);
}
END_TEST

/* Two threads: the baseline's threads need up to 60 us to fall asleep, an honest team a little longer. */
START_TEST(test_work_behind_done) {
    struct timing_pair pair[20] = {0};
    struct machine m = machine_quiet(11, 3e6, 3e6);
    struct timing_account account;

    m.threads = 2;
    machine_run(&m, pair, 20);
    for (int i = 0; i < 20; i++) {
        pair[i].baseline.late_ns = (int64_t)draw_in(&m.dice, 10e3, 60e3);
        pair[i].candidate.late_ns = (int64_t)draw_in(&m.dice, 30e3, 120e3);
    }
    timing_check(pair, 20, 2, &account);
    ck_assert_msg(account.verdict == VERDICT_PASSED, "%s", account.sentence);
    for (int i = 0; i < 20; i++)
        pair[i].candidate.late_ns += 200000;
    timing_check(pair, 20, 2, &account);
    ck_assert_int_eq(account.verdict, VERDICT_TAMPERED);
    ck_assert_ptr_nonnull(strstr(account.sentence, "after it had said that it was done"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("timing_check");
    TCase *tcase = tcase_create("trust");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_no_false_alarms);
    tcase_add_test(tcase, test_no_false_alarms_with_threads);
    tcase_add_test(tcase, test_no_false_alarms_on_a_choked_machine);
    tcase_add_loop_test(tcase, test_cheats_are_caught, 0, CHEAT_COUNT);
    tcase_add_test(tcase, test_known_harmless_time_is_not_charged);
    tcase_add_test(tcase, test_too_few_clean_pairs_prove_nothing);
    tcase_add_test(tcase, test_work_behind_done);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
