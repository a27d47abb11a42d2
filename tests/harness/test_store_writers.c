/* SPDX-License-Identifier: MIT */
/* Several writers at once, and writers that are killed: no result is lost, doubled or half there. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness/store_sample.h"

enum { WRITERS = 4, EACH = 50 };

static void setup(void) {
    sample_store_new();
}

static void teardown(void) {
    sample_store_remove();
}

/* Opens and closes all the time, as gradings in many terminals do; the first ones meet an empty place. */
static void write_results(int first, int count, bool reopen) {
    struct store *store = NULL;
    for (int i = first; i < first + count; i++) {
        char task[32];
        if (store == NULL)
            store = sample_store_open();
        snprintf(task, sizeof task, "task %d", i);
        sample_put(store, "one run", task, &SAMPLE);
        if (reopen && i % 5 == 0) {
            store_close(store);
            store = NULL;
        }
    }
    store_close(store);
}

static pid_t start(int first, int count) {
    fflush(NULL);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        write_results(first, count, true);
        _exit(0);
    }
    return pid;
}

static void expect_whole(int results) {
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result"), results);
    ck_assert_int_eq(sample_count("SELECT count(DISTINCT task) FROM result"), results);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM run"), 1);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM machine"), 1);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM case_result"), 2 * results);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM timing_result"), results);
}

START_TEST(four_writers_at_once) {
    pid_t pid[WRITERS];
    int status;
    for (int i = 0; i < WRITERS; i++)
        pid[i] = start(i * EACH, EACH);
    for (int i = 0; i < WRITERS; i++) {
        ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
        ck_assert_int_eq(status, 0);
    }
    expect_whole(WRITERS * EACH);
}
END_TEST

/* All four have the same tasks, as when a queue executes a job twice. */
START_TEST(four_writers_of_the_same) {
    pid_t pid[WRITERS];
    int status;
    for (int i = 0; i < WRITERS; i++)
        pid[i] = start(0, EACH);
    for (int i = 0; i < WRITERS; i++) {
        ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
        ck_assert_int_eq(status, 0);
    }
    expect_whole(EACH);
}
END_TEST

START_TEST(killed_at_any_moment) {
    enum { KILLS = 100 };
    unsigned chance = 12345;
    int killed = 0;
    for (int i = 0; i < KILLS; i++) {
        pid_t pid = start(0, 4 * EACH);
        int status;
        const struct timespec moment = {.tv_nsec = (long)(rand_r(&chance) % 12000) * 1000};
        nanosleep(&moment, NULL);
        kill(pid, SIGKILL);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        killed += WIFSIGNALED(status);
        if (i % 10 != 9)
            continue;
        store_close(sample_store_open()); /* the first kills may come before there is a table */
        ck_assert_int_eq(sample_count("SELECT count(*) FROM result r WHERE\n"
                                      "  (SELECT count(*) FROM case_result c WHERE c.number = r.number) <> 2 OR\n"
                                      "  (SELECT count(*) FROM timing_result t WHERE t.number = r.number) <> 1"),
                         0);
    }
    ck_assert_int_gt(killed, KILLS / 2);
    write_results(0, 4 * EACH, false);
    expect_whole(4 * EACH);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("store, writers");
    TCase *test = tcase_create("both databases");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_set_timeout(test, 120);
    tcase_add_test(test, four_writers_at_once);
    tcase_add_test(test, four_writers_of_the_same);
    tcase_add_test(test, killed_at_any_moment);
    suite_add_tcase(suite, test);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
