/* SPDX-License-Identifier: MIT */
/* Stages as the reader resolves them; what it refuses is in tests/data/packs/broken.json. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grader/spec.h"

#define PACK "tests/data/packs/good-episode"

/* Arguments of episode_total. */
enum { N, W, STAGES, GAIN, X, STATE, NEXT_STATE, TOTAL, RESUMED, FIRST_COLUMN };

static struct spec *spec;

static void load(void) {
    struct error err = {0};

    ck_assert_msg(spec_load(PACK, &spec, &err) == 0, "%s", err.text);
}

static void release(void) {
    spec_free(spec);
}

START_TEST(carry_names_an_output) {
    const struct spec_entry *entry = &spec->entry[0];

    for (size_t a = 0; a < entry->argument_count; a++)
        ck_assert_uint_eq(entry->argument[a].carry, a == STATE ? (size_t)NEXT_STATE : (size_t)SPEC_ARGUMENTS_MAX);
}
END_TEST

START_TEST(a_plain_case_has_no_stages) {
    ck_assert_uint_eq(spec->cases[0].stage_count, 0);
    ck_assert_ptr_null(spec->cases[0].stage);
    ck_assert_uint_eq(spec_case_calls(&spec->cases[0]), 1);
    ck_assert_uint_eq(spec->cases[0].contents, 2);
    ck_assert_uint_eq(spec->cases[3].contents, 1);
}
END_TEST

/* repeat 3, one fresh, repeat 2. */
START_TEST(stages_are_evaluated_one_by_one) {
    static const double rows[] = {4, 8, 12, 16, 20, 24}, gain[] = {1, 1.5, 2, -1, 0.2, 1.0 / 6};
    const struct spec_case *c = &spec->cases[1];

    ck_assert_uint_eq(c->stage_count, 6);
    ck_assert_uint_eq(spec_case_calls(c), 6);
    for (size_t k = 0; k < 6; k++) {
        const struct spec_case *stage = &c->stage[k];
        ck_assert_str_eq(stage->name, "resume");
        ck_assert_double_eq(stage->value[N], rows[k]);
        ck_assert_double_eq(stage->value[W], 5);
        ck_assert_double_eq(stage->value[STAGES], 6);
        ck_assert_double_eq_tol(stage->value[GAIN], gain[k], 1e-15);
        ck_assert_int_eq(stage->shape[X][0], (int64_t)rows[k]);
        ck_assert_int_eq(stage->shape[X][1], 5);
        ck_assert_int_eq(stage->shape[STATE][0], 16 * 5 + 32);
        ck_assert_int_eq(stage->shape[FIRST_COLUMN][0], 6);
        ck_assert_double_eq(stage->reduction[TOTAL], rows[k]);
        ck_assert_int_eq(stage->fresh, k == 3);
        ck_assert_uint_eq(stage->stage_count, 0);
        ck_assert_ptr_null(stage->generate);
    }
}
END_TEST

START_TEST(a_stage_has_a_generator_of_its_own) {
    const struct spec_case *c = &spec->cases[2];

    for (size_t k = 0; k < c->stage_count; k++) {
        if (k == 2)
            ck_assert_str_eq(c->stage[k].generate, "flip");
        else
            ck_assert_ptr_null(c->stage[k].generate);
    }
    /* The last stage says nothing of sizes: it sees the whole. */
    ck_assert_double_eq(c->stage[3].value[N], 21);
    ck_assert_ptr_null(c->generate);
}
END_TEST

START_TEST(sizes_say_how_many_stages) {
    char text[80], cut[12];

    spec_case_sizes(spec, &spec->cases[2], text, sizeof text);
    ck_assert_str_eq(text, "n=21 w=4 stages=4 stages=4");
    spec_case_sizes(spec, &spec->cases[2], cut, sizeof cut);
    ck_assert_str_eq(cut, "n=21 w=4 st");
    spec_case_sizes(spec, &spec->cases[0], text, sizeof text);
    ck_assert_str_eq(text, "n=7 w=3 stages=1");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("spec_stages");
    TCase *tests = tcase_create("spec_stages");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, load, release);
    tcase_add_test(tests, carry_names_an_output);
    tcase_add_test(tests, a_plain_case_has_no_stages);
    tcase_add_test(tests, stages_are_evaluated_one_by_one);
    tcase_add_test(tests, a_stage_has_a_generator_of_its_own);
    tcase_add_test(tests, sizes_say_how_many_stages);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
