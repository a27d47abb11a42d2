/* SPDX-License-Identifier: MIT */
/* The corridor from a file to a grade: verdicts, what is asked for, interruption, and levels of containment. What is
 * wrong with files, packs and machines is test_grade_errors.c. */
#include <check.h>
#include <string.h>

#include "tests/grader/grade_sample.h"

#define HEAD                                                                                                           \
    "int good_scale(const struct good_scale_params *p, const float *x, float *y) {\n    (void)p, (void)x, (void)y;\n"
#define LOOP "    for (int32_t i = 0; i < p->n; i++)\n        y[i] = p->a * x[i];\n"
#define TAIL "    return 0;\n}\n"

static void must_be(enum verdict verdict, const char *words) {
    const struct grade *grade = office.grade;

    ck_assert_msg(grade->verdict == verdict, "%s: %s", verdict_code(grade->verdict), grade->detail);
    ck_assert_msg(strstr(grade->detail, words) != NULL, "'%s' is not in '%s'", words, grade->detail);
}

START_TEST(a_grade_is_complete) {
    office_must_pass(SCALE_RIGHT);
    const struct grade *grade = office.grade;
    ck_assert_uint_eq(grade->case_count, 5);
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        ck_assert_int_eq((int)c->verdict, (int)VERDICT_PASSED);
        ck_assert_uint_eq(c->number, i + 1);
        ck_assert_uint_eq(c->output_count, 1);
        ck_assert_str_eq(c->output[0].name, "y");
        ck_assert(c->used >= 0 && c->used <= 1);
        ck_assert_int_eq(c->hidden, i == 4);
    }
    ck_assert_uint_eq(strlen(grade->sha256), 64);
    ck_assert_str_eq(grade->file, SCALE_RIGHT);
    ck_assert_str_ne(grade->build.compiler, "");
    ck_assert_uint_eq(grade->timing_count, 0);
    ck_assert(!grade->interrupted);
    ck_assert_ptr_null(grade->output_text);
}
END_TEST

/* Without timing only the points for correctness can be earned. */
START_TEST(points_follow_the_cases) {
    office_must_pass(SCALE_RIGHT);
    ck_assert_double_eq_tol(office.grade->points, 40, 1e-9);
    ck_assert_double_eq_tol(office.grade->max_points, 100, 1e-9);
    ck_assert_int_eq((int)office_grade(SCALE "/solutions/wrong_zero.c"), (int)VERDICT_WRONG_ANSWER);
    ck_assert_double_eq_tol(office.grade->points, 0, 1e-9);
}
END_TEST

struct submission {
    const char *text;
    enum verdict verdict;
    const char *words;
};

static const struct submission submissions[] = {
    {HEAD LOOP TAIL, VERDICT_PASSED, ""},
    {HEAD "    for (int32_t i = 0; i < p->n; i++)\n        y[i] = 1.7f * x[i];\n" TAIL, VERDICT_WRONG_ANSWER, ""},
    {HEAD TAIL, VERDICT_UNWRITTEN_OUTPUT, ""},
    {HEAD "    for (int32_t i = 0; i + 1 < p->n; i++)\n        y[i] = p->a * x[i];\n" TAIL, VERDICT_UNWRITTEN_OUTPUT,
     ""},
    {HEAD LOOP "    if (p->n > 0) y[0] = 0.0f / (p->a - p->a);\n" TAIL, VERDICT_NOT_FINITE, ""},
    {HEAD LOOP "    y[p->n] = 0;\n" TAIL, VERDICT_OUT_OF_BOUNDS, "y[7]"},
    {HEAD LOOP "    return 3;\n}\n", VERDICT_WRONG_ANSWER, "returned 3"},
    {HEAD LOOP "    __builtin_trap();\n}\n", VERDICT_CRASHED, "signal 4"},
    {"#include <unistd.h>\n" HEAD LOOP "    _exit(0);\n}\n", VERDICT_EXITED, "exit code 0"},
    {"#include <unistd.h>\n" HEAD LOOP "    return (int)fork();\n}\n", VERDICT_FORBIDDEN_CALL, "clone"},
    {HEAD "    for (volatile int i = 0;; i++) {\n    }\n}\n", VERDICT_TIME_LIMIT, "1000 ms"},
    /* Remember the answer to the first call, by pointer and by size: the second has new values in the same place. */
    {"static float kept[5000]; static const float *from;\n" HEAD
     "    if (from != x) { from = x; for (int i = 0; i < p->n; i++) kept[i] = p->a * x[i]; }\n"
     "    for (int i = 0; i < p->n; i++) y[i] = kept[i];\n" TAIL,
     VERDICT_WRONG_ANSWER, "second call"},
    {"static float kept[5000]; static int done = -1;\n" HEAD
     "    if (done != p->n) { done = p->n; for (int i = 0; i < p->n; i++) kept[i] = p->a * x[i]; }\n"
     "    for (int i = 0; i < p->n; i++) y[i] = kept[i];\n" TAIL,
     VERDICT_WRONG_ANSWER, "second call"},
    {"static int calls;\n" HEAD LOOP "    if (p->n > 0 && calls++ == 2) y[0] *= 1.0000001f;\n" TAIL,
     VERDICT_WRONG_ANSWER, "other bits"},
    {"__attribute__((constructor)) static void early(void) { static volatile int v; v = 1; }\n" HEAD LOOP TAIL,
     VERDICT_REJECTED_BINARY, "constructor"},
    {"int other(void);\nint other(void) { return 0; }\n", VERDICT_REJECTED_BINARY, "good_scale"},
    {"static char big[2 << 20] = {1};\n" HEAD "    y[0] = big[p->n];\n" TAIL, VERDICT_REJECTED_BINARY, "KiB"},
    {HEAD "    return cblas_sgemm();\n}\n", VERDICT_COMPILE_ERROR, ""},
    {"int good_scale(int n, const float *x, float *y) { return n + (x == y); }\n", VERDICT_COMPILE_ERROR, ""},
    {"#include \"/etc/passwd\"\n", VERDICT_COMPILE_ERROR, ""},
    {"#error no\n", VERDICT_COMPILE_ERROR, ""},
};

START_TEST(every_submission_gets_its_verdict) {
    const struct submission *submission = &submissions[_i];

    office_grade(office_mine(submission->text));
    must_be(submission->verdict, submission->words);
    if (office.grade->decided_by == GRADE_BUILD)
        ck_assert(office.grade->build.verdict != VERDICT_PASSED);
}
END_TEST

START_TEST(a_crash_names_its_line) {
    office_grade(office_mine(HEAD "    for (int i = 0; i < 100000; i++)\n        y[i] = x[i];\n" TAIL));
    must_be(VERDICT_CRASHED, "SIGSEGV");
    const struct grade_case *c = &office.grade->cases[office.grade->deciding];
    if (access("/usr/bin/addr2line", X_OK) == 0)
        ck_assert_msg(strstr(c->place, "mine.c:") != NULL && strstr(c->place, "good_scale") != NULL, "'%s'", c->place);
    /* A new worker for the cases after it: each has its own verdict. */
    for (size_t i = 0; i < office.grade->case_count; i++)
        ck_assert_int_ne((int)office.grade->cases[i].verdict, (int)VERDICT_SKIPPED);
}
END_TEST

/* More errors than one screen: they must arrive, and be counted. */
START_TEST(many_errors_are_all_counted) {
    char text[2048] = HEAD;

    for (int i = 0; i < 30; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "    y[0] = name%d;\n", i);
    strcat(text, TAIL);
    ck_assert_int_eq((int)office_grade(office_mine(text)), (int)VERDICT_COMPILE_ERROR);
    ck_assert_uint_eq(office.grade->build.diagnostics.error_count, 30);
    ck_assert_ptr_nonnull(strstr(office.grade->build.diagnostics.item[0].file, "mine.c"));
}
END_TEST

START_TEST(what_it_printed_is_kept) {
    office_must_pass(office_mine("#include <stdio.h>\n" HEAD LOOP "    printf(\"hello %d\\n\", p->n);\n" TAIL));
    ck_assert_ptr_nonnull(office.grade->output_text);
    ck_assert_ptr_nonnull(strstr(office.grade->output_text, "hello 1003\n"));
    ck_assert_uint_eq(strlen(office.grade->output_text), office.grade->output_bytes);
}
END_TEST

/* Answers once given serve every later grading under the same seed, and no other. */
START_TEST(answers_are_shared) {
    static const char *const files[] = {SCALE_RIGHT, SCALE "/solutions/wrong_zero.c", SCALE_RIGHT, SCALE_RIGHT};
    struct grade_answers *answers = grade_answers_new();
    struct grade_request request = office_request(SCALE_RIGHT);

    ck_assert_ptr_nonnull(answers);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        request.file = files[i];
        request.seed = i == 3 ? 12 : 11;
        request.answers = NULL;
        ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
        const enum verdict alone = office.grade->verdict;
        const double used = office.grade->cases[0].used;
        request.answers = answers;
        ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
        ck_assert_int_eq(office.grade->verdict, alone);
        ck_assert_double_eq(office.grade->cases[0].used, used);
        ck_assert_int_eq(alone, i == 1 ? VERDICT_WRONG_ANSWER : VERDICT_PASSED);
    }
    grade_answers_free(answers);
}
END_TEST

START_TEST(one_case_is_practice) {
    static const char *const wanted[] = {"thousand", "2", "hidden_prime", "5"};
    struct grade_request request = office_request(SCALE_RIGHT);

    for (size_t i = 0; i < 4; i++) {
        request.only_case = wanted[i];
        ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
        ck_assert_uint_eq(office.grade->case_count, 1);
        ck_assert_str_eq(office.grade->cases[0].name, i < 2 ? "thousand" : "hidden_prime");
        ck_assert_uint_eq(office.grade->cases[0].number, i < 2 ? 2 : 5);
        ck_assert_double_eq(office.grade->max_points, 0);
    }
}
END_TEST

START_TEST(an_unknown_case_is_the_users_fault) {
    static const char *const unknown[] = {"thousan", "0", "6", "-1", "", "02"};
    struct grade_request request = office_request(SCALE_RIGHT);

    request.only_case = unknown[_i];
    office_must_fail_request(&request, ERROR_USER, "harness show good-scale");
}
END_TEST

START_TEST(the_seed_decides_the_values) {
    struct grade_request request = office_request(SCALE "/solutions/wrong_zero.c");
    double expected[3];
    static const uint64_t seeds[] = {1, 1, 2};

    for (size_t i = 0; i < 3; i++) {
        request.seed = seeds[i];
        ck_assert_int_eq(office_run(&request), 0);
        expected[i] = office.grade->cases[0].output[0].result.first.expected;
    }
    ck_assert(expected[0] == expected[1]);
    ck_assert(expected[0] != expected[2]);
}
END_TEST

struct stopper {
    const char *stage;
    size_t done;
    volatile int flag;
};

static void stop_at(void *context, const char *stage, size_t done, size_t total) {
    struct stopper *stopper = context;

    (void)total;
    if (strcmp(stage, stopper->stage) == 0 && done >= stopper->done)
        stopper->flag = 1;
}

static void run_stopped(struct stopper *stopper) {
    struct grade_request request = office_request(SCALE_RIGHT);

    request.cancel = &stopper->flag;
    request.progress = stop_at;
    request.progress_context = stopper;
    request.timing = true;
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    ck_assert(office.grade->interrupted);
    ck_assert_int_ne((int)office.grade->verdict, (int)VERDICT_PASSED);
}

START_TEST(cancelled_at_once) {
    struct stopper stopper = {.stage = "none", .flag = 1};

    run_stopped(&stopper);
    for (size_t i = 0; i < office.grade->case_count; i++)
        ck_assert_int_eq((int)office.grade->cases[i].verdict, (int)VERDICT_SKIPPED);
}
END_TEST

START_TEST(what_was_finished_is_kept) {
    struct stopper stopper = {.stage = "correct", .done = 2};

    run_stopped(&stopper);
    ck_assert_int_eq((int)office.grade->cases[0].verdict, (int)VERDICT_PASSED);
    ck_assert_int_eq((int)office.grade->cases[1].verdict, (int)VERDICT_PASSED);
    ck_assert_int_eq((int)office.grade->cases[3].verdict, (int)VERDICT_SKIPPED);
}
END_TEST

START_TEST(cancelled_while_the_reference_computes) {
    struct stopper stopper = {.stage = "reference", .done = 1};

    run_stopped(&stopper);
    ck_assert_int_eq((int)office.grade->verdict, (int)VERDICT_SKIPPED);
}
END_TEST

/* All cases have passed, but the speed is not known: that is no pass. */
START_TEST(cancelled_while_timing) {
    struct stopper stopper = {.stage = "n100000", .done = 3};

    run_stopped(&stopper);
    for (size_t i = 0; i < office.grade->case_count; i++)
        ck_assert_int_eq((int)office.grade->cases[i].verdict, (int)VERDICT_PASSED);
    ck_assert_int_eq((int)office.grade->verdict, (int)VERDICT_SKIPPED);
}
END_TEST

START_TEST(speed_is_measured) {
    struct grade_request request = office_request(SCALE_RIGHT);

    request.timing = true;
    request.timing_budget_s = 2;
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    const struct grade_timing *timing = &office.grade->timing[0];
    ck_assert_uint_eq(office.grade->timing_count, 1);
    ck_assert_msg(timing->verdict == VERDICT_PASSED || timing->verdict == VERDICT_UNSTABLE, "%s: %s",
                  verdict_code(timing->verdict), timing->detail);
    ck_assert_uint_ge(timing->estimate.pairs, 7);
    ck_assert_double_gt(timing->estimate.candidate_ns, 0);
    ck_assert_double_gt(timing->gflops, 0);
    ck_assert(office.grade->machine.roof.known);
    if (timing->verdict == VERDICT_PASSED)
        ck_assert_double_gt(office.grade->points, 40);
}
END_TEST

/* The correctness cases are all right; only the sizes of the timed case are not. */
START_TEST(timed_answers_are_checked) {
    struct grade_request request =
        office_request(office_mine(HEAD LOOP "    if (p->n == 100000) y[77777] *= 1.01f;\n" TAIL));

    request.timing = true;
    request.timing_budget_s = 2;
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    ck_assert_int_eq((int)office.grade->verdict, (int)VERDICT_WRONG_ANSWER);
    ck_assert_int_eq((int)office.grade->decided_by, (int)GRADE_SPEED);
}
END_TEST

/* Fewer layers, the same verdicts; a candidate is never believed more because it is contained less. */
START_TEST(every_level_grades) {
    static const enum verdict wanted[] = {VERDICT_PASSED, VERDICT_WRONG_ANSWER, VERDICT_CRASHED};
    static const char *const texts[] = {HEAD LOOP TAIL, HEAD "    for (int i = 0; i < p->n; i++) y[i] = 0;\n" TAIL,
                                        HEAD "    y[1 << 20] = 1;\n" TAIL};

    for (size_t k = 0; k < 3; k++) {
        struct grade_request request = office_request(office_mine(texts[k]));
        request.at_most = (enum sandbox_level)_i;
        ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
        must_be(wanted[k], "");
        ck_assert_int_ge((int)office.grade->level, _i);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("grade");
    TCase *tests = tcase_create("grade");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, office_open_cache, office_close_cache);
    tcase_add_checked_fixture(tests, office_open, office_close);
    tcase_add_test(tests, a_grade_is_complete);
    tcase_add_test(tests, points_follow_the_cases);
    tcase_add_loop_test(tests, every_submission_gets_its_verdict, 0, sizeof submissions / sizeof *submissions);
    tcase_add_test(tests, a_crash_names_its_line);
    tcase_add_test(tests, many_errors_are_all_counted);
    tcase_add_test(tests, what_it_printed_is_kept);
    tcase_add_test(tests, answers_are_shared);
    tcase_add_test(tests, one_case_is_practice);
    tcase_add_loop_test(tests, an_unknown_case_is_the_users_fault, 0, 6);
    tcase_add_test(tests, the_seed_decides_the_values);
    tcase_add_test(tests, cancelled_at_once);
    tcase_add_test(tests, what_was_finished_is_kept);
    tcase_add_test(tests, cancelled_while_the_reference_computes);
    tcase_add_test(tests, cancelled_while_timing);
    tcase_add_test(tests, speed_is_measured);
    tcase_add_test(tests, timed_answers_are_checked);
    tcase_add_loop_test(tests, every_level_grades, SANDBOX_A, SANDBOX_D + 1);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
