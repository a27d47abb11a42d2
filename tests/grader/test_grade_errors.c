/* SPDX-License-Identifier: MIT */
/* What is nobody's verdict: files that cannot be read, packs that are broken, machines that lack something. Each is an
 * error with the owner who has to act and a sentence that names the place. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/grader/dataset_sample.h"
#include "tests/grader/grade_sample.h"

/* ---- the user's file ---- */

START_TEST(a_missing_file) {
    office_must_fail("/nonexistent/mine.c", ERROR_USER, "/nonexistent/mine.c");
}
END_TEST

START_TEST(a_folder_is_no_file) {
    office_must_fail(office.root, ERROR_USER, office.root);
}
END_TEST

START_TEST(an_empty_file) {
    office_must_fail(office_write("empty.c", ""), ERROR_USER, "is empty");
}
END_TEST

START_TEST(a_fifo_is_no_file) {
    char path[96];

    snprintf(path, sizeof path, "%s/fifo.c", office.root);
    ck_assert_int_eq(mkfifo(path, 0644), 0);
    office_must_fail(path, ERROR_USER, "fifo.c");
}
END_TEST

START_TEST(a_file_of_two_megabytes) {
    char *text = malloc((2 << 20) + 1);

    memset(text, ' ', 2 << 20);
    text[2 << 20] = '\0';
    office_must_fail(office_write("large.c", text), ERROR_USER, "large.c");
    free(text);
}
END_TEST

/* Names that gcc could take for an option or for the contract are changed; bytes that are no text are no C. */
START_TEST(odd_names_and_bytes) {
    static const char *const names[] = {"-o evil.c", "good-scale.h", "solution.so", "no ending", "@file", "\xc3\xa9.c"};
    char *right = NULL;
    size_t size = 0;

    ck_assert_int_eq(scratch_read(SCALE_RIGHT, 1 << 20, &right, &size, &office.err), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        office_must_pass(office_write(names[i], right));
    free(right);
    ck_assert_int_eq((int)office_grade(office_write("bytes.c", "\x01\x02\xff\xfe")), (int)VERDICT_COMPILE_ERROR);
}
END_TEST

/* ---- the pack ---- */

struct change {
    const char *file, *from, *to, *words;
};

static const struct change changes[] = {
    {"good-scale.h", "int32_t n;", "int64_t n;", "good_scale_params.n"},
    {"good-scale.h", "float a;", "", "no member named"},
    {"good-scale.h", "const float *x, float *y", "float *y, const float *x", "prototype of good_scale"},
    {"good-scale.h", "#ifndef", "#error broken\n#ifndef", "good-scale.h"},
    {"reference.c", "y[i] = a * x[i];", "y[i] = a * x[i]", "reference.c:"},
    {"reference.c", "const real *x, real *y, real *gauge_y", "const real *x, real *y", "reference.c:"},
    {"reference.c", "plain_good_scale", "other_good_scale", "plain_good_scale"},
    {"reference.c", "return 0;", "return 4;", "returned 4"},
    {"reference.c", "return 0;", "__builtin_trap();", "reference_good_scale"},
    {"reference.c", "y[i] = a * x[i];", "y[i - 100000000] = 0;", "SIGSEGV"},
    {"reference.c", "gauge_y[i] = real_fabs(a * x[i]);", "gauge_y[i] = -1;", "gauge"},
    {"reference.c", "gauge_y[i] = real_fabs(a * x[i]);", "", "gauge"},
    {"reference.c", "gauge_y[i] = real_fabs(a * x[i]);", "gauge_y[i] = 1e-30;", "both are too far off"},
    {"reference.c", "third * x[i] + (a - third) * x[i]", "third * x[i]", "do not compute the same"},
    {"reference.c", "y[i] = a * x[i];", "", "good-scale"},
};

START_TEST(a_broken_pack_is_the_challenges_fault) {
    const struct change *change = &changes[_i];

    office_change_pack(change->file, change->from, change->to);
    office_must_fail(SCALE_RIGHT, ERROR_CHALLENGE, change->words);
}
END_TEST

/* The counterpart: a changed copy that is still right. */
START_TEST(a_harmless_change_is_none) {
    office_change_pack("reference.c", "return 0;", "return 1 - 1;");
    office_must_pass(SCALE_RIGHT);
}
END_TEST

/* ---- the machine ---- */

START_TEST(a_level_that_is_not_reached) {
    struct grade_request request = office_request(SCALE_RIGHT);

    request.at_most = SANDBOX_C;
    request.require = SANDBOX_B;
    office_must_fail_request(&request, ERROR_HARNESS, "level B is required");
    request.require = SANDBOX_C;
    ck_assert_msg(office_run(&request) == 0 || office.err.owner == ERROR_HARNESS, "%s", office.err.text);
}
END_TEST

/* The data that hidden cases take their inputs from is as secret as the cases, and works where it is closed. */
START_TEST(hidden_data_that_the_compiler_may_read) {
    static const char hidden[] = "{ \"spec\": 1, \"id\": \"good-scale\", \"cases\": [ { \"name\": \"rows\", "
                                 "\"catches\": \"c\", \"sizes\": { \"n\": 23 }, \"fill\": { \"x\": { \"kind\": "
                                 "\"dataset\", \"file\": \"hidden-runs.bin\", \"field\": \"number\" } } } ] }";
    char folder[300], json[400], data[400];

    office_change_pack("reference.c", "return 0;", "return 0;");
    snprintf(folder, sizeof folder, "%s", office.spec->directory);
    snprintf(json, sizeof json, "%s/hidden.json", folder);
    snprintf(data, sizeof data, "%s/hidden-runs.bin", folder);
    sample_write(data);
    ck_assert_int_eq(scratch_write(json, hidden, strlen(hidden), &office.err), 0);
    office_load(folder);
    office_must_pass(SCALE_RIGHT);
    ck_assert_int_eq(chmod(json, 0600), 0);
    ck_assert_int_eq(chmod(data, 0644), 0);
    struct grade_request request = office_request(SCALE_RIGHT);
    request.at_most = request.require = SANDBOX_C;
    request.require_by_default = true;
    office_must_fail_request(&request, ERROR_HARNESS, geteuid() == 0 ? "hidden-runs.bin" : "hidden.json");
    ck_assert_int_eq(chmod(data, 0600), 0);
    if (geteuid() == 0)
        ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
}
END_TEST

/* Below level B a submission can include what its compiler may read: hidden cases must then be closed, or the operator
 * must have named the level. */
START_TEST(hidden_cases_that_the_compiler_may_read) {
    office_change_pack("reference.c", "return 0;", "return 0;");
    struct grade_request request = office_request(SCALE_RIGHT);
    char path[400];

    request.at_most = request.require = SANDBOX_C;
    snprintf(path, sizeof path, "%s/hidden.json", office.spec->directory);
    ck_assert_msg(access(path, R_OK) == 0, "the pack has no hidden cases");
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_msg(office_run(&request) == 0 || strstr(office.err.text, "level D") != NULL, "%s", office.err.text);
    request.require_by_default = true;
    office_must_fail_request(&request, ERROR_HARNESS, geteuid() == 0 ? "chmod o-r" : "as root");
    ck_assert_ptr_nonnull(strstr(office.err.text, "hidden.json"));
    ck_assert_int_eq(chmod(path, 0600), 0);
    if (geteuid() == 0)
        ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    else
        office_must_fail_request(&request, ERROR_HARNESS, "as root");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
}
END_TEST

/* Cannot be raised again, but every test is a process of its own. */
START_TEST(a_limit_of_the_caller) {
    struct grade_request request = office_request(SCALE_RIGHT);

    ck_assert_int_eq(setrlimit(RLIMIT_STACK, &(struct rlimit){64 << 10, 64 << 10}), 0);
    office_must_fail_request(&request, ERROR_HARNESS, "ulimit -s");
}
END_TEST

START_TEST(no_compiler) {
    setenv("HARNESS_CC", "/nonexistent/gcc", 1);
    office_must_fail(SCALE_RIGHT, ERROR_HARNESS, "apt-get install");
    ck_assert_ptr_nonnull(strstr(office.err.text, "/nonexistent/gcc"));
    setenv("HARNESS_CC", "no-such-compiler", 1);
    office_must_fail(SCALE_RIGHT, ERROR_HARNESS, "apt-get install");
    /* A compiler that somebody names is taken or missed; without a name the usual place is good enough. */
    setenv("PATH", "/nonexistent", 1);
    office_must_fail(SCALE_RIGHT, ERROR_HARNESS, "apt-get install");
    unsetenv("HARNESS_CC");
    if (access("/usr/bin/gcc", X_OK) == 0)
        office_must_pass(SCALE_RIGHT);
}
END_TEST

START_TEST(nothing_can_be_kept) {
    static const char *const homes[] = {"/proc", "/nonexistent", "", "relative"};

    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", homes[_i], 1);
    office_must_pass(SCALE_RIGHT);
}
END_TEST

START_TEST(a_damaged_cache_is_made_anew) {
    char command[256];

    snprintf(command, sizeof command, "%s/own", office.root);
    setenv("XDG_CACHE_HOME", command, 1);
    office_must_pass(SCALE_RIGHT);
    snprintf(command, sizeof command, "rm %s/own/harness/*/baseline.so", office.root);
    ck_assert_int_eq(system(command), 0);
    office_must_pass(SCALE_RIGHT);
    snprintf(command, sizeof command, "ls %s/own/harness/*/baseline.so > /dev/null", office.root);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(no_place_for_the_scratch_folder) {
    setenv("TMPDIR", "/nonexistent/folder", 1);
    office_must_fail(SCALE_RIGHT, ERROR_HARNESS, "TMPDIR");
}
END_TEST

/* File systems of a few pages: somewhere between the first copy and the last object file they are full. Mounting one
 * needs root; without it the test says so. The pack is compiled there too (even _i) or comes from the cache. */
START_TEST(the_disk_is_full) {
    char options[32];

    if (_i % 2 == 0)
        setenv("XDG_CACHE_HOME", "/proc", 1);
    snprintf(options, sizeof options, "size=%dk,mode=755", 16 + _i / 2 * 32);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", office.temporary, "tmpfs", 0, options) != 0) {
        printf("SKIP: a full TMPDIR was not tested: a tmpfs cannot be mounted here (%s)\n", strerror(errno));
        return;
    }
    const struct grade_request request = office_request(SCALE_RIGHT);
    if (office_run(&request) == 0) {
        ck_assert_msg(_i > 1 && office.grade->verdict == VERDICT_PASSED, "%s: %s", verdict_code(office.grade->verdict),
                      office.grade->detail);
        ck_assert_int_eq(umount(office.temporary), 0);
        return;
    }
    ck_assert_msg(office.err.owner == ERROR_HARNESS, "owner %d: %s", (int)office.err.owner, office.err.text);
    ck_assert_msg(strstr(office.err.text, "TMPDIR") != NULL || strstr(office.err.text, "space") != NULL, "%s",
                  office.err.text);
    ck_assert_int_eq(umount(office.temporary), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("grade_errors");
    TCase *tests = tcase_create("grade_errors");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, office_open_cache, office_close_cache);
    tcase_add_checked_fixture(tests, office_open, office_close);
    tcase_add_test(tests, a_missing_file);
    tcase_add_test(tests, a_folder_is_no_file);
    tcase_add_test(tests, an_empty_file);
    tcase_add_test(tests, a_fifo_is_no_file);
    tcase_add_test(tests, a_file_of_two_megabytes);
    tcase_add_test(tests, odd_names_and_bytes);
    tcase_add_loop_test(tests, a_broken_pack_is_the_challenges_fault, 0, sizeof changes / sizeof *changes);
    tcase_add_test(tests, a_harmless_change_is_none);
    tcase_add_test(tests, a_level_that_is_not_reached);
    tcase_add_test(tests, hidden_cases_that_the_compiler_may_read);
    tcase_add_test(tests, hidden_data_that_the_compiler_may_read);
    tcase_add_test(tests, a_limit_of_the_caller);
    tcase_add_test(tests, no_compiler);
    tcase_add_loop_test(tests, nothing_can_be_kept, 0, 4);
    tcase_add_test(tests, a_damaged_cache_is_made_anew);
    tcase_add_test(tests, no_place_for_the_scratch_folder);
    tcase_add_loop_test(tests, the_disk_is_full, 0, 40);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
