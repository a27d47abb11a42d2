/* SPDX-License-Identifier: MIT */
/* The plot of two curves, line for line as in tests/harness/plots/NAME.txt. With UPDATE_PLOTS in the environment those
 * files are written instead; look at them before they are kept. */
#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plot.h"
#include "harness/text_escape.h"

enum { STEPS_MAX = 1000, LINES_MAX = 20 };

static double got[STEPS_MAX], expected[STEPS_MAX];

static struct plot_curves decay(size_t count) {
    for (size_t k = 0; k < count; k++)
        got[k] = expected[k] = 2 + 2 * exp(-4.0 * (double)k / (double)count);
    return (struct plot_curves){.count = count, .got = got, .expected = expected, .first = -1, .tolerance = 2e-5};
}

static char *draw(const struct plot_curves *curves, bool colour, bool utf8) {
    char *text = NULL;
    size_t size = 0;
    struct screen screen = {.out = open_memstream(&text, &size), .colour = colour, .utf8 = utf8};
    ck_assert_ptr_nonnull(screen.out);
    plot_curves(&screen, curves);
    fclose(screen.out);
    return text;
}

/* The lines of a text, which is taken apart. */
static size_t split(char *text, char *line[LINES_MAX]) {
    size_t count = 0;
    for (char *at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n")) {
        ck_assert_uint_lt(count, LINES_MAX);
        line[count++] = at;
    }
    return count;
}

static void check_form(const struct plot_curves *curves, bool utf8) {
    char *text = draw(curves, false, utf8), *line[LINES_MAX];
    const size_t count = split(text, line);
    ck_assert_uint_ge(count, curves->first >= 0 ? 14 : 13);
    ck_assert_uint_le(count, 15);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(text_columns(line[i]) <= SCREEN_COLUMNS, "%s", line[i]);
        ck_assert_msg(line[i][strlen(line[i]) - 1] != ' ', "a space ends '%s'", line[i]);
    }
    free(text);
}

static void check_golden(const char *name, const struct plot_curves *curves, bool utf8) {
    char path[120], want[4096] = "";
    char *text = draw(curves, false, utf8);
    snprintf(path, sizeof path, "tests/harness/plots/%s.txt", name);
    if (getenv("UPDATE_PLOTS") != NULL) {
        FILE *out = fopen(path, "w");
        ck_assert_ptr_nonnull(out);
        fputs(text, out);
        fclose(out);
    }
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "%s", path);
    want[fread(want, 1, sizeof want - 1, in)] = '\0';
    fclose(in);
    ck_assert_msg(strcmp(text, want) == 0, "%s: drawn is\n%s", name, text);
    free(text);
    check_form(curves, utf8);
}

START_TEST(test_part) {
    struct plot_curves curves = decay(200);
    for (size_t k = 107; k < curves.count; k++)
        got[k] += 0.02 * (double)(k - 106);
    curves.first = 107;
    check_golden("part", &curves, false);
    check_golden("part_unicode", &curves, true);
}
END_TEST

/* One step of a thousand, a hundred times too high: it is at the top edge, and both curves are still to be seen. */
START_TEST(test_spike) {
    struct plot_curves curves = decay(STEPS_MAX);
    curves.first = 500;
    got[500] *= 100;
    check_golden("spike", &curves, false);
    got[500] *= -1;
    check_golden("spike_down", &curves, false);
    got[500] = expected[500] = 200;
    curves.first = -1;
    check_golden("spike_of_both", &curves, false);
}
END_TEST

START_TEST(test_not_finite) {
    struct plot_curves curves = decay(STEPS_MAX);
    got[400] = NAN;
    got[600] = INFINITY;
    got[800] = -INFINITY;
    curves.first = 400;
    curves.tolerance = NAN;
    check_golden("not_finite", &curves, false);
    for (size_t k = 0; k < curves.count; k++)
        got[k] = NAN;
    curves.first = 0;
    check_golden("all_nan", &curves, false);
    for (size_t k = 0; k < curves.count; k++)
        expected[k] = NAN;
    check_form(&curves, false);
}
END_TEST

START_TEST(test_few_steps) {
    struct plot_curves curves = decay(1);
    check_golden("single", &curves, false);
    got[0] = 5;
    curves.first = 0;
    check_form(&curves, false);
    curves = decay(2);
    check_form(&curves, true);
    curves = decay(10);
    got[9] = 2.5;
    curves.first = 9;
    check_golden("ten", &curves, false);
    curves = decay(64);
    check_form(&curves, false);
    curves = decay(65);
    check_form(&curves, false);
}
END_TEST

START_TEST(test_constant) {
    struct plot_curves curves = decay(30);
    for (size_t k = 0; k < curves.count; k++)
        got[k] = expected[k] = 2.3;
    check_golden("constant", &curves, false);
    for (size_t k = 0; k < curves.count; k++)
        got[k] = 1.1;
    curves.first = 0;
    check_golden("two_constants", &curves, false);
    for (size_t k = 0; k < curves.count; k++)
        got[k] = expected[k] = 0;
    curves.first = -1;
    check_form(&curves, false);
}
END_TEST

/* Growth without end must not press the reference flat. */
START_TEST(test_blow_up) {
    struct plot_curves curves = decay(300);
    for (size_t k = 150; k < curves.count; k++)
        got[k] = expected[k] + pow(1.5, (double)(k - 150));
    curves.first = 150;
    check_golden("blow_up", &curves, false);
}
END_TEST

START_TEST(test_extreme_values) {
    const double value[] = {DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, -5e-324, 0, -0.0, 1e300, 1};
    for (size_t a = 0; a < sizeof value / sizeof *value; a++)
        for (size_t b = 0; b < sizeof value / sizeof *value; b++) {
            struct plot_curves curves = decay(5);
            got[0] = value[a];
            got[4] = expected[2] = value[b];
            expected[1] = value[a];
            curves.first = 2;
            check_form(&curves, false);
        }
}
END_TEST

/* Two numbers that four digits do not tell apart get as many as do. */
START_TEST(test_sentence) {
    struct plot_curves curves = decay(20);
    expected[3] = 2.24412345;
    got[3] = 2.24412678;
    curves.first = 3;
    char *text = draw(&curves, false, false);
    ck_assert_msg(strstr(text, "X the curves part at step 3: 2.24413 against 2.24412; 2e-05 is allowed") !=
                      NULL,
                  "%s", text);
    free(text);
    curves.tolerance = 0;
    text = draw(&curves, false, false);
    ck_assert_msg(strstr(text, "against 2.24412\n") != NULL, "%s", text);
    free(text);
}
END_TEST

/* Colour adds sequences and nothing else. */
START_TEST(test_colour) {
    struct plot_curves curves = decay(100);
    got[50] = 9;
    curves.first = 50;
    char *plain = draw(&curves, false, true), *text = draw(&curves, true, true), *to = text;
    ck_assert_ptr_nonnull(strstr(text, "\033[1;31m"));
    for (const char *from = text; *from != '\0';) {
        if (*from == '\033')
            from = strchr(from, 'm') + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
    ck_assert_str_eq(text, plain);
    free(text);
    free(plain);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("plot");
    TCase *tcase = tcase_create("plot");

    setlocale(LC_CTYPE, "C.UTF-8");
    tcase_add_test(tcase, test_part);
    tcase_add_test(tcase, test_spike);
    tcase_add_test(tcase, test_not_finite);
    tcase_add_test(tcase, test_few_steps);
    tcase_add_test(tcase, test_constant);
    tcase_add_test(tcase, test_blow_up);
    tcase_add_test(tcase, test_extreme_values);
    tcase_add_test(tcase, test_sentence);
    tcase_add_test(tcase, test_colour);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
