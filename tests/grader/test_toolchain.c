/* SPDX-License-Identifier: MIT */
/* One contained compiler run, and when it counts as too long. */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "grader/sandbox/sandbox.h"
#include "grader/scratch.h"
#include "grader/toolchain.h"

static struct sandbox_support support;
static struct scratch scratch;
static struct toolchain toolchain;
static struct error err;

static void open_place(void) {
    ck_assert_msg(toolchain_find(&toolchain, &err) == 0 && scratch_open(&scratch, &err) == 0, "%s", err.text);
    sandbox_probe(SANDBOX_A, &support);
}

static void close_place(void) {
    scratch_release(&scratch);
}

/* `late`: nobody came to wait for an hour. */
static enum verdict compile(const char *text, size_t size, bool ended, bool late) {
    static const char *const argument[] = {"-fsyntax-only", "-x", "c", "mine.c"};
    struct toolchain_job job = TOOLCHAIN_JOB_INIT;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    enum verdict verdict = VERDICT_COUNT;

    ck_assert_msg(scratch_folder(&scratch, late ? "late" : "work", folder, &err) == 0, "%s", err.text);
    snprintf(path, sizeof path, "%s/mine.c", folder);
    ck_assert_int_eq(scratch_write(path, text, size, &err), 0);
    ck_assert_msg(toolchain_start(&toolchain, &support, folder, argument, 4, &job, &err) == 0, "%s", err.text);
    struct pollfd watched = {.fd = job.child.pidfd, .events = POLLIN};
    if (ended)
        ck_assert_int_eq(poll(&watched, 1, 60000), 1);
    if (late)
        job.started_ns -= (int64_t)3600 * 1000000000;
    ck_assert_msg(toolchain_wait(&job, NULL, &verdict, &err) == 0, "%s", err.text);
    toolchain_release(&job);
    return verdict;
}

/* What ended in time stays in time, whenever somebody asks. */
START_TEST(a_finished_compile_waits_for_its_reader) {
    static const char text[] = "int x;\n";
    ck_assert_int_eq(compile(text, sizeof text - 1, true, false), VERDICT_PASSED);
    ck_assert_int_eq(compile(text, sizeof text - 1, true, true), VERDICT_PASSED);
}
END_TEST

START_TEST(a_compile_beyond_its_time_is_stopped) {
    static const char text[] = "#include \"mine.c\"\n#include \"mine.c\"\n";
    ck_assert_int_eq(compile(text, sizeof text - 1, false, true), VERDICT_TIME_LIMIT);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("toolchain");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, open_place, close_place);
    tcase_add_test(tests, a_finished_compile_waits_for_its_reader);
    tcase_add_test(tests, a_compile_beyond_its_time_is_stopped);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
