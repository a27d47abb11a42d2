/* SPDX-License-Identifier: MIT */
/* The distance between names, and which of them counts as meant. */
#include <check.h>
#include <stdlib.h>

#include "grader/names.h"

static const char *const keys[] = {"tolerance", "name", "catches", "entry", "sizes", "scalars", "family", "fill"};
static const size_t key_count = sizeof keys / sizeof *keys;

START_TEST(test_distance) {
    static const struct {
        const char *a, *b;
        size_t distance;
    } pairs[] = {
        {"", "", 0},         {"", "abc", 3},       {"abc", "", 3},
        {"same", "same", 0}, {"Same", "sAME", 0},  {"tolernace", "tolerance", 1},
        {"ab", "ba", 1},     {"ca", "abc", 3},     {"kitten", "sitting", 3},
        {"fill", "fil", 1},  {"fill", "filll", 1}, {"guage", "gauge", 1},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ck_assert_msg(names_distance(pairs[i].a, pairs[i].b) == pairs[i].distance, "%s and %s: %zu", pairs[i].a,
                      pairs[i].b, names_distance(pairs[i].a, pairs[i].b));
        ck_assert_uint_eq(names_distance(pairs[i].b, pairs[i].a), pairs[i].distance);
    }
}
END_TEST

START_TEST(test_long_names) {
    char a[300], b[300];

    for (size_t i = 0; i < sizeof a - 1; i++) {
        a[i] = 'a';
        b[i] = 'b';
    }
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    ck_assert_uint_eq(names_distance(a, b), 64);
    ck_assert_uint_eq(names_distance(a, a), 0);
}
END_TEST

START_TEST(test_nearest) {
    static const char *const sizes[] = {"b", "t", "d"};
    static const char *const ids[] = {"attention-causal", "layernorm-fb"};

    ck_assert_str_eq(names_nearest("tolernace", keys, key_count), "tolerance");
    ck_assert_str_eq(names_nearest("famly", keys, key_count), "family");
    ck_assert_str_eq(names_nearest("NAME", keys, key_count), "name");
    ck_assert_str_eq(names_nearest("dd", sizes, 3), "d");
    ck_assert_str_eq(names_nearest("T", sizes, 3), "t");
    ck_assert_str_eq(names_nearest("attention", ids, 2), "attention-causal");
}
END_TEST

START_TEST(test_nothing_near) {
    static const char *const sizes[] = {"b", "t", "d"};

    ck_assert_ptr_null(names_nearest("colour", keys, key_count));
    ck_assert_ptr_null(names_nearest("x", sizes, 3));
    ck_assert_ptr_null(names_nearest("", keys, key_count));
    ck_assert_ptr_null(names_nearest("name", keys, 0));
    ck_assert_ptr_null(names_nearest("na", keys, key_count)); /* two letters begin too much */
}
END_TEST

START_TEST(test_first_of_equals) {
    static const char *const words[] = {"catz", "cats"};
    ck_assert_str_eq(names_nearest("cat", words, 2), "catz");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("names");
    TCase *tcase = tcase_create("names");

    tcase_add_test(tcase, test_distance);
    tcase_add_test(tcase, test_long_names);
    tcase_add_test(tcase, test_nearest);
    tcase_add_test(tcase, test_nothing_near);
    tcase_add_test(tcase, test_first_of_equals);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
