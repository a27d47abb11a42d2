/* SPDX-License-Identifier: MIT */
/* What is made of the two lines of addr2line, and what of anything else. */
#include "grader/crash_place.h"

#include <check.h>
#include <string.h>

static const struct {
    const char *output, *place; /* NULL: none */
} cases[] = {
    {"attention_row\nattention.c:41\n", "attention.c:41 in attention_row"},
    {"f\na.c:7 (discriminator 2)\n", "a.c:7 in f"},
    {"??\n??:0\n", NULL},
    {"f\na.c:?\n", NULL},
    {"f\n", NULL},
    {"\n\n", NULL},
    {"", NULL},
};

START_TEST(places) {
    char place[80] = "untouched";
    const char *output = cases[_i].output;

    ck_assert_int_eq(crash_place_read(output, strlen(output), place, sizeof place), cases[_i].place != NULL);
    ck_assert_str_eq(place, cases[_i].place != NULL ? cases[_i].place : "untouched");
}
END_TEST

/* The output has no NUL behind it, and its lines may be of any length. */
START_TEST(what_is_too_long_is_cut) {
    char output[2000], place[24];

    memset(output, 'x', sizeof output);
    ck_assert(!crash_place_read(output, sizeof output, place, sizeof place));
    output[40] = '\n';
    ck_assert(crash_place_read(output, sizeof output, place, sizeof place));
    ck_assert_str_eq(place, "xxxxxxxxxxxxxxxxxxxxxxx");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("crash_place");
    TCase *tests = tcase_create("lines");
    tcase_add_loop_test(tests, places, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, what_is_too_long_is_cut);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
