/* SPDX-License-Identifier: MIT */
/* Numbers as people read them, statements as plain text, the words of the progress line, what verdicts mean. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/markdown.h"
#include "harness/outcome.h"
#include "harness/progress.h"

static char text[FORMAT_SIZE];

START_TEST(durations) {
    ck_assert_str_eq(format_duration(text, 12.3), "12.3 ns");
    ck_assert_str_eq(format_duration(text, 1500), "1.50 us");
    ck_assert_str_eq(format_duration(text, 999.6e3), "1.00 ms");
    ck_assert_str_eq(format_duration(text, 118.2e6), "118.2 ms");
    ck_assert_str_eq(format_duration(text, 2e9), "2.00 s");
    ck_assert_str_eq(format_duration(text, NAN), "-");
    ck_assert_str_eq(format_duration(text, -1), "-");
}
END_TEST

START_TEST(shares_and_ratios) {
    ck_assert_str_eq(format_share(text, 0.31), "31 %");
    ck_assert_str_eq(format_share(text, 0.0061), "0.6 %");
    ck_assert_str_eq(format_share(text, 0.0001), "<0.1 %");
    ck_assert_str_eq(format_share(text, 0), "0 %");
    ck_assert_str_eq(format_share(text, INFINITY), "inf");
    ck_assert_str_eq(format_ratio(text, 0.81), "0.81x");
    ck_assert_str_eq(format_ratio(text, 16526.4), "16526x");
    ck_assert_str_eq(format_ratio(text, NAN), "nan");
    ck_assert_str_eq(format_bytes(text, 2 << 20), "2 MiB");
}
END_TEST

START_TEST(exact_numbers_read_back) {
    static const double EACH[] = {0.1 + 0.2, 9007199254740992.0, 1e-310, 0.1f, -1.7976931348623157e308, 3, 0};
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++)
        ck_assert(!(strtod(format_exact(text, EACH[i]), NULL) != EACH[i]));
    ck_assert_str_eq(format_exact(text, 3), "3");
    ck_assert_str_eq(format_exact(text, 0.25), "0.25");
}
END_TEST

static void formula(const char *latex, const char *plain) {
    char *got = markdown_formula(latex, strlen(latex));
    ck_assert_str_eq(got, plain);
    free(got);
}

START_TEST(formulas) {
    formula("\\frac{a+1}{b_{ij}} \\le \\sqrt{x}", "(a+1)/b_ij <= sqrt(x)");
    formula("\\sum_{i=1}^n \\alpha_i x^2", "sum_(i=1)^n alpha_i x^2");
    formula("\\text{row} \\cdot \\left(x\\right)", "row * (x)");
    formula("\\frac{", "()/()");
    formula("x_", "x_()");
    formula("\\", "");
    formula("}{", "");
    formula("x_\\{ y", "x_{ y");
    formula("_\\,_\\,_\\,1", "_( )_( )_( )1");
}
END_TEST

/* Half a million opening braces: as many calls would be the end of the stack. */
START_TEST(a_formula_nests_only_so_deep) {
    const size_t size = 500000;
    char *deep = malloc(size);
    for (size_t i = 0; i < size; i++)
        deep[i] = i % 2 == 0 ? '_' : '{';
    char *got = markdown_formula(deep, size);
    ck_assert_uint_le(strlen(got), 4 * size);
    free(got);
    free(deep);
}
END_TEST

static void line(const char *markdown, const char *plain) {
    char *got = markdown_inline(markdown);
    ck_assert_str_eq(got, plain);
    free(got);
}

START_TEST(inline_marks) {
    line("**bold** and *soft* words", "bold and soft words");
    line("(1-s)*[j = t] and a*b*c and 2 * x", "(1-s)*[j = t] and a*b*c and 2 * x");
    line("`code *x* $y$`", "`code *x* $y$`");
    line("[text](https://a.b/c) [here](file.md)", "text (https://a.b/c) here");
    line("$x^2$ costs $5", "x^2 costs $5");
    line("a\\_b \\* c", "a_b * c");
    line("[open `open $open *open", "[open `open $open *open");
}
END_TEST

static char *show(const char *markdown) {
    char *out = NULL;
    size_t size = 0;
    struct screen screen = {open_memstream(&out, &size), false, false};
    markdown_show(&screen, markdown);
    fclose(screen.out);
    return out;
}

START_TEST(blocks) {
    char *out =
        show("# Title\n\nText\nin two lines.\n\n- one\n- two\n  more\n\n```c\nint  x;\n```\n<!-- not\nthis -->\n"
             "    kept   as is\n\n$$\na \\le b\n$$\n");
    ck_assert_str_eq(out, "Title\n=====\n\nText in two lines.\n\n  - one\n  - two more\n\n    int  x;\n"
                          "    kept   as is\n\n    a <= b\n");
    free(out);
    out = show("\033[31m ::x\n\n```\nnever closed");
    ck_assert_ptr_eq(strchr(out, '\033'), NULL);
    ck_assert_ptr_ne(strstr(out, "never closed"), NULL);
    free(out);
}
END_TEST

START_TEST(long_lines_are_broken) {
    char long_text[1000], *out;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    for (size_t i = 0; i < 400; i += 7)
        long_text[i] = ' ';
    out = show(long_text);
    for (char *rest = out, *word; (word = strsep(&rest, "\n")) != NULL;)
        ck_assert_uint_le(strlen(word), SCREEN_COLUMNS);
    free(out);
}
END_TEST

START_TEST(progress_line) {
    char words[160];
    struct progress progress = {.file = "gita/attention.c", .stage = "correct", .stage_started_ns = 0};
    progress_words(&progress, 3, 12, (int64_t)6e9, words, sizeof words);
    ck_assert_str_eq(words, "gita/attention.c  correct [#####---------------] 3/12  ETA 18 s");
    progress_words(&progress, 0, 0, 0, words, sizeof words);
    ck_assert_str_eq(words, "gita/attention.c  correct");
    progress_words(&progress, 99, 12, 0, words, sizeof words);
    ck_assert_str_eq(words, "gita/attention.c  correct [####################] 99/12");
    progress.file = "\033[2J.c";
    progress_words(&progress, 0, 0, 0, words, sizeof words);
    ck_assert_ptr_eq(strchr(words, '\033'), NULL);
}
END_TEST

START_TEST(every_verdict_has_an_outcome) {
    for (int v = 0; v < VERDICT_COUNT; v++) {
        const struct outcome *outcome = outcome_of((enum verdict)v);
        ck_assert_int_eq(outcome->exit == EXIT_ACCEPTED, v == VERDICT_PASSED);
        ck_assert_int_eq(outcome->junit == OUTCOME_OK, v == VERDICT_PASSED);
        ck_assert_int_le(outcome->exit, EXIT_OPERATOR);
        ck_assert_int_ne(outcome->exit, EXIT_USAGE);
    }
    ck_assert_int_eq(outcome_of(VERDICT_CHALLENGE_ERROR)->exit, EXIT_CHALLENGE);
    ck_assert_int_eq(outcome_of(VERDICT_UNSTABLE)->exit, EXIT_OPERATOR);
    ck_assert_int_eq(outcome_exit_of_error(ERROR_USER), EXIT_USAGE);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("words");
    tcase_add_test(tests, durations);
    tcase_add_test(tests, shares_and_ratios);
    tcase_add_test(tests, exact_numbers_read_back);
    tcase_add_test(tests, formulas);
    tcase_add_test(tests, a_formula_nests_only_so_deep);
    tcase_add_test(tests, inline_marks);
    tcase_add_test(tests, blocks);
    tcase_add_test(tests, long_lines_are_broken);
    tcase_add_test(tests, progress_line);
    tcase_add_test(tests, every_verdict_has_an_outcome);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
