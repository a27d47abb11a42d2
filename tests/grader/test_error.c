/* SPDX-License-Identifier: MIT */
/* Errors and verdicts: the texts that reach a reader. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "grader/error.h"
#include "grader/verdict.h"

START_TEST(set_formats_and_returns_minus_one) {
    struct error err = {0};

    ck_assert_int_eq(error_set(&err, ERROR_CHALLENGE, "%s: /cases/%d is empty", "challenge.json", 3), -1);
    ck_assert_int_eq((int)err.owner, ERROR_CHALLENGE);
    ck_assert_str_eq(err.text, "challenge.json: /cases/3 is empty");
    ck_assert_int_eq(error_set(NULL, ERROR_USER, "nobody asked"), -1);
}
END_TEST

START_TEST(an_error_may_wrap_itself) {
    struct error err = {0};

    (void)error_set(&err, ERROR_USER, "no such file");
    (void)error_set(&err, err.owner, "cannot read the spec: %s", err.text);
    ck_assert_str_eq(err.text, "cannot read the spec: no such file");
    ck_assert_int_eq((int)err.owner, ERROR_USER);
}
END_TEST

START_TEST(long_text_is_cut_and_ended) {
    struct error err;
    char text[3000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    (void)error_set(&err, ERROR_HARNESS, "%s", text);
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
    errno = ENOENT;
    (void)error_errno(&err, "%s", text);
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

START_TEST(errno_is_explained_and_kept) {
    struct error err = {.owner = ERROR_USER};

    errno = ENOENT;
    ck_assert_int_eq(error_errno(&err, "cannot open '%s'", "x.c"), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq((int)err.owner, ERROR_HARNESS);
    ck_assert_str_eq(err.text, "cannot open 'x.c': No such file or directory");
    ck_assert_int_eq(error_errno(NULL, "nobody asked"), -1);
}
END_TEST

/* Whatever the length of the words before it, no character of the text is cut in two. */
START_TEST(a_cut_falls_between_characters) {
    char wide[2 * sizeof(struct error) + 1] = "", before[4] = "";
    struct error err;

    for (size_t i = 0; i + 3 < sizeof wide; i += 3)
        memcpy(wide + i, "\xe6\xbc\xa2", 4);
    memset(before, 'x', (size_t)_i);
    error_set(&err, ERROR_USER, "%s%s", before, wide);
    const size_t length = strlen(err.text) - (size_t)_i - strlen("...");
    ck_assert_uint_ge(strlen(err.text), sizeof err.text - strlen("...") - 1);
    ck_assert_str_eq(err.text + strlen(err.text) - 3, "...");
    ck_assert_uint_eq(length % 3, 0);
    ck_assert_int_eq(strncmp(err.text + _i, wide, length), 0);
}
END_TEST

START_TEST(each_verdict_has_its_texts) {
    const enum verdict verdict = (enum verdict)_i;
    const char *sentence = verdict_sentence(verdict);

    ck_assert_int_eq((int)verdict_from_code(verdict_code(verdict)), _i);
    ck_assert_int_gt((int)strlen(verdict_title(verdict)), 3);
    ck_assert_int_gt((int)strlen(sentence), 3);
    ck_assert_int_ne(sentence[strlen(sentence) - 1], '.');
}
END_TEST

START_TEST(codes_are_the_published_ones) {
    ck_assert_str_eq(verdict_code(VERDICT_PASSED), "passed");
    ck_assert_str_eq(verdict_code(VERDICT_OUT_OF_BOUNDS), "out_of_bounds");
    ck_assert_str_eq(verdict_title(VERDICT_WRONG_ANSWER), "WRONG ANSWER");
    ck_assert_int_eq((int)verdict_from_code("Passed"), VERDICT_COUNT);
    ck_assert_int_eq((int)verdict_from_code(""), VERDICT_COUNT);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("error");
    TCase *tests = tcase_create("error");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, set_formats_and_returns_minus_one);
    tcase_add_test(tests, an_error_may_wrap_itself);
    tcase_add_test(tests, long_text_is_cut_and_ended);
    tcase_add_loop_test(tests, a_cut_falls_between_characters, 0, 3);
    tcase_add_test(tests, errno_is_explained_and_kept);
    tcase_add_loop_test(tests, each_verdict_has_its_texts, 0, VERDICT_COUNT);
    tcase_add_test(tests, codes_are_the_published_ones);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
