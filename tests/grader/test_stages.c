/* SPDX-License-Identifier: MIT */
/* Gradings of cases with stages: what is carried, what is forgotten, what is not shown yet, and that everything that
 * goes wrong is told with its stage. The pack is good-episode. */
#include <check.h>
#include <string.h>

#include "tests/grader/grade_sample.h"

#define EPISODE "tests/data/packs/good-episode"

/* The accepted solution with hooks: before and after the work of a call. */
#define RIGHT(globals, before, after)                                                                                  \
    "#include <string.h>\n#include <unistd.h>\n#include \"good-episode.h\"\n" globals                                  \
    "static uint64_t check_of(const uint8_t *b, int32_t n) {\n    uint64_t h = 7;\n"                                   \
    "    for (int32_t i = 8; i < n; i++) h = (h ^ b[i]) * 1099511628211u;\n    return h;\n}\n"                         \
    "int episode_total(const struct episode_total_params *p, const float *x, const uint8_t *state,\n"                  \
    "                  uint8_t *next_state, float *total, int32_t *resumed) {\n"                                       \
    "    const int32_t bytes = 16 * p->w + 32;\n    uint64_t check;\n    int64_t rows = 0;\n"                          \
    "    double sums[16] = {0};\n" before "\n    memcpy(&check, state, 8);\n"                                          \
    "    resumed[0] = check == check_of(state, bytes);\n"                                                              \
    "    if (resumed[0]) { memcpy(&rows, state + 8, 8); memcpy(sums, state + 16, 8 * (size_t)p->w); }\n"               \
    "    for (int32_t c = 0; c < p->w; c++) {\n"                                                                       \
    "        for (int32_t i = (int32_t)rows; i < p->n; i++) sums[c] += (double)p->gain * (double)x[i * p->w + c];\n"   \
    "        total[c] = (float)sums[c];\n    }\n    rows = p->n;\n    memset(next_state, 0, (size_t)bytes);\n"         \
    "    memcpy(next_state + 8, &rows, 8); memcpy(next_state + 16, sums, 8 * (size_t)p->w);\n"                         \
    "    check = check_of(next_state, bytes);\n    memcpy(next_state, &check, 8);\n" after "\n    return 0;\n}\n"

struct submission {
    const char *text, *only_case;
    enum verdict verdict;
    const char *words; /* in the detail */
};

/* x has 4 rows of 5 in the first stage of "resume", 24 in the last. */
static const struct submission submissions[] = {
    {RIGHT("", "", ""), NULL, VERDICT_PASSED, ""},
    {RIGHT("", "", "if (p->n == 16) return 3;"), "resume", VERDICT_WRONG_ANSWER, "returned 3 in stage 4 of 6"},
    {RIGHT("", "", "if (p->n == 8) total[p->w] = 0;"), "resume", VERDICT_OUT_OF_BOUNDS, "total[5] in stage 2 of 6"},
    {RIGHT("", "if (p->n == 20) __builtin_trap();", ""), "resume", VERDICT_CRASHED, "in stage 5 of 6: "},
    {RIGHT("", "if (p->n == 24) _exit(4);", ""), "resume", VERDICT_EXITED, "in stage 6 of 6: "},
    {RIGHT("", "while (p->n == 12) { __asm__ volatile(\"\"); }", ""), "resume", VERDICT_TIME_LIMIT,
     "in stage 3 of 6: "},
    /* What is read behind the prefix is at the end of memory, in every stage but the last of the run. */
    {RIGHT("", "{ volatile float ahead = x[p->n * p->w]; (void)ahead; }", ""), "resume", VERDICT_CRASHED,
     "x[20], past its end: x holds 20"},
    {RIGHT("", "{ volatile float ahead = x[p->n * p->w]; (void)ahead; }", ""), "once", VERDICT_CRASHED,
     "x[16], past its end: x holds 16"},
    /* Where no guard page is at hand, what lies behind the prefix is the slack, and its NaNs spoil the answer. */
    {RIGHT("", "", "if (p->stages == 6 && p->n < 24) total[0] += x[p->n * p->w + 3];"), "resume", VERDICT_NOT_FINITE,
     ""},
    /* Unwritten in one stage only. */
    {RIGHT("", "const float was = total[2];", "if (p->n == 16) total[2] = was;"), "resume", VERDICT_UNWRITTEN_OUTPUT,
     ""},
    /* The process is new in stage 4, whatever it kept. */
    {RIGHT("static int32_t seen;\n", "if (p->n == 4) seen = 0;", "seen += 4; total[0] += seen != p->n ? 1 : 0;"),
     "resume", VERDICT_WRONG_ANSWER, ""},
    /* A state may have any format, but the same inputs give the same one. */
    {RIGHT("static int calls;\n", "", "if (p->n == 21 && ++calls == 3) { next_state[1]++; }"), "damaged",
     VERDICT_WRONG_ANSWER, "other bits in next_state in stage 4 of 4"},
};

static void open_episode(void) {
    office_open();
    office_load(EPISODE);
}

START_TEST(every_submission_gets_its_verdict) {
    const struct submission *submission = &submissions[_i];
    struct grade_request request = office_request(office_write("mine.c", submission->text));

    request.only_case = submission->only_case;
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    const struct grade *grade = office.grade;
    ck_assert_msg(grade->verdict == submission->verdict, "%s: %s", verdict_code(grade->verdict), grade->detail);
    ck_assert_msg(strstr(grade->detail, submission->words) != NULL, "'%s' is not in '%s'", submission->words,
                  grade->detail);
}
END_TEST

/* Four visits to six stages; two where there is one content. */
START_TEST(calls_are_counted) {
    static const size_t calls[] = {4, 24, 16, 8, 32};

    office_must_pass(EPISODE "/solutions/accepted_checked.c");
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(office.grade->cases[i].call_count, calls[i]);
}
END_TEST

/* All stages are one array, whose first index is the stage. */
START_TEST(the_first_index_is_the_stage) {
    struct grade_request request =
        office_request(office_write("mine.c", RIGHT("", "", "if (p->n == 16) total[3] += 1;")));

    request.only_case = "resume";
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    const struct grade_case *c = &office.grade->cases[0];
    ck_assert_int_eq((int)c->verdict, (int)VERDICT_WRONG_ANSWER);
    const struct grade_output *total = &c->output[c->worst];
    ck_assert_str_eq(total->name, "total");
    ck_assert_uint_eq(total->rank, 2);
    ck_assert_int_eq(total->shape[0], 6);
    ck_assert_int_eq(total->shape[1], 5);
    ck_assert_int_eq(total->result.failing, 1);
    ck_assert_int_eq(total->result.first.index[0], 3);
    ck_assert_int_eq(total->result.first.index[1], 3);
}
END_TEST

START_TEST(an_unwritten_element_is_told_with_its_stage) {
    struct grade_request request = office_request(
        office_write("mine.c", RIGHT("", "const float was = total[2];", "if (p->n == 16) total[2] = was;")));

    request.only_case = "resume";
    ck_assert_msg(office_run(&request) == 0, "%s", office.err.text);
    const struct grade_case *c = &office.grade->cases[0];
    const struct compare_result *result = &c->output[c->worst].result;
    ck_assert_int_eq((int)result->verdict, (int)VERDICT_UNWRITTEN_OUTPUT);
    ck_assert_int_eq(result->error.unwritten, 1);
    ck_assert_int_eq(result->first.index[0], 3);
    ck_assert_int_eq(result->first.index[1], 2);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stages");
    TCase *tests = tcase_create("stages");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, office_open_cache, office_close_cache);
    tcase_add_checked_fixture(tests, open_episode, office_close);
    tcase_add_loop_test(tests, every_submission_gets_its_verdict, 0, sizeof submissions / sizeof *submissions);
    tcase_add_test(tests, calls_are_counted);
    tcase_add_test(tests, the_first_index_is_the_stage);
    tcase_add_test(tests, an_unwritten_element_is_told_with_its_stage);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
