/* SPDX-License-Identifier: MIT */
/* Walking through stages: leading parts of the same arrays, carried inputs, and copies where a generator may write. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grader/episode.h"

enum { N, X, STATE, MAYBE, NEXT, Y, ARGUMENTS };
enum { ROWS = 5, COLUMNS = 3, STATE_BYTES = 7, STAGES = 3 };

static char names[ARGUMENTS][8] = {"n", "x", "state", "maybe", "next", "y"};
static char case_name[] = "walk", generator[] = "spoil";

struct walk {
    struct spec spec;
    struct spec_case c, stage[STAGES];
    struct trial trial;
    struct episode episode;
    unsigned char next[STATE_BYTES];
    float maybe[2];
    const void *before[SPEC_ARGUMENTS_MAX];
};

static struct walk walk;

static void set_shapes(struct spec_case *c, int64_t rows) {
    c->name = case_name;
    c->shape[X][0] = c->shape[Y][0] = rows;
    c->shape[X][1] = c->shape[Y][1] = COLUMNS;
    c->shape[STATE][0] = c->shape[NEXT][0] = STATE_BYTES;
    c->shape[MAYBE][0] = 2;
    c->value[N] = (double)rows;
}

/* int f(int32_t n, const float *x, const uint8_t *state, const float *maybe, uint8_t *next, float *y): `state` carries
 * next, `maybe`, which is NULL at the start, carries y (of which the test says what it was). */
static void open_walk(void) {
    static const struct spec_argument argument[ARGUMENTS] = {
        [N] = {.type = DTYPE_I32, .role = SPEC_SIZE, .carry = SPEC_ARGUMENTS_MAX},
        [X] = {.type = DTYPE_F32, .role = SPEC_INPUT, .rank = 2, .carry = SPEC_ARGUMENTS_MAX},
        [STATE] = {.type = DTYPE_U8, .role = SPEC_INPUT, .rank = 1, .carry = NEXT},
        [MAYBE] = {.type = DTYPE_F32, .role = SPEC_INPUT, .rank = 1, .nullable = true, .carry = Y},
        [NEXT] = {.type = DTYPE_U8, .role = SPEC_OUTPUT, .rank = 1, .carry = SPEC_ARGUMENTS_MAX},
        [Y] = {.type = DTYPE_F32, .role = SPEC_OUTPUT, .rank = 2, .carry = SPEC_ARGUMENTS_MAX},
    };
    struct error err = {0};

    memset(&walk, 0, sizeof walk);
    walk.spec.entry_count = 1;
    walk.spec.entry[0].argument_count = ARGUMENTS;
    memcpy(walk.spec.entry[0].argument, argument, sizeof argument);
    for (size_t a = 0; a < ARGUMENTS; a++)
        walk.spec.entry[0].argument[a].name = names[a];
    set_shapes(&walk.c, ROWS);
    walk.c.null[MAYBE] = true;
    walk.c.fill[X] = (struct fill){.kind = FILL_NORMAL, .parameter = {0, 1}};
    walk.c.fill[STATE] = (struct fill){.kind = FILL_CONSTANT, .parameter = {9}};
    walk.c.stage_count = STAGES;
    walk.c.stage = walk.stage;
    for (size_t k = 0; k < STAGES; k++)
        set_shapes(&walk.stage[k], k == 0 ? 2 : ROWS);
    walk.stage[0].null[MAYBE] = true;
    walk.stage[2].generate = generator;
    walk.before[NEXT] = walk.next;
    walk.before[Y] = walk.maybe;
    ck_assert_int_eq(trial_init(&walk.trial, &walk.spec, &walk.c, &err), 0);
    trial_fill(&walk.trial, 3, 0);
    ck_assert_int_eq(episode_open(&walk.episode, &walk.trial, &err), 0);
}

static void close_walk(void) {
    episode_release(&walk.episode);
    trial_release(&walk.trial);
}

static const struct tensor *now(size_t a) {
    return &walk.episode.now.tensor[a];
}

START_TEST(a_stage_is_the_leading_part) {
    episode_enter(&walk.episode, 0, walk.before);
    ck_assert_ptr_eq(now(X)->data, walk.trial.tensor[X].data);
    ck_assert_int_eq(now(X)->count, 2 * COLUMNS);
    ck_assert_int_eq(now(Y)->count, 2 * COLUMNS);
    ck_assert_ptr_null(now(Y)->data);
    ck_assert_ptr_eq(walk.episode.now.c, &walk.stage[0]);
    ck_assert(now(MAYBE)->null);
    /* The first stage has the fill of a carried input. */
    ck_assert_ptr_eq(now(STATE)->data, walk.trial.tensor[STATE].data);
    ck_assert_uint_eq(((unsigned char *)now(STATE)->data)[0], 9);
    episode_enter(&walk.episode, 1, walk.before);
    ck_assert_int_eq(now(X)->count, ROWS * COLUMNS);
    ck_assert_ptr_eq(now(X)->data, walk.trial.tensor[X].data);
}
END_TEST

START_TEST(what_was_given_is_handed_on) {
    memset(walk.next, 42, sizeof walk.next);
    walk.maybe[1] = 1.5F;
    episode_enter(&walk.episode, 1, walk.before);
    ck_assert_ptr_ne(now(STATE)->data, walk.next); /* a copy: the giver may change its own */
    ck_assert_mem_eq(now(STATE)->data, walk.next, sizeof walk.next);
    ck_assert(!now(MAYBE)->null);
    ck_assert_float_eq(((float *)now(MAYBE)->data)[1], 1.5F);
    ck_assert_uint_eq(((unsigned char *)walk.trial.tensor[STATE].data)[0], 9);
}
END_TEST

/* What it does to its inputs is seen by nobody else. */
START_TEST(a_generator_gets_copies) {
    const float kept = ((float *)walk.trial.tensor[X].data)[0];

    episode_enter(&walk.episode, 2, walk.before);
    ck_assert_ptr_ne(now(X)->data, walk.trial.tensor[X].data);
    ck_assert_mem_eq(now(X)->data, walk.trial.tensor[X].data, now(X)->bytes);
    memset(now(X)->data, 0, now(X)->bytes);
    memset(now(STATE)->data, 0, now(STATE)->bytes);
    ck_assert_float_eq(((float *)walk.trial.tensor[X].data)[0], kept);
    memset(walk.next, 7, sizeof walk.next);
    episode_enter(&walk.episode, 1, walk.before);
    ck_assert_uint_eq(((unsigned char *)now(STATE)->data)[0], 7);
}
END_TEST

START_TEST(a_plain_case_is_one_call) {
    struct episode plain;
    struct error err = {0};

    walk.c.stage_count = 0;
    ck_assert_int_eq(episode_open(&plain, &walk.trial, &err), 0);
    ck_assert_ptr_null(plain.storage);
    episode_enter(&plain, 0, NULL);
    ck_assert_ptr_eq(plain.now.tensor[X].data, walk.trial.tensor[X].data);
    ck_assert_int_eq(plain.now.tensor[X].count, ROWS * COLUMNS);
    ck_assert_ptr_null(plain.now.storage);
    episode_release(&plain);
    walk.c.stage_count = STAGES;
}
END_TEST

int main(void) {
    Suite *suite = suite_create("episode");
    TCase *tests = tcase_create("episode");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, open_walk, close_walk);
    tcase_add_test(tests, a_stage_is_the_leading_part);
    tcase_add_test(tests, what_was_given_is_handed_on);
    tcase_add_test(tests, a_generator_gets_copies);
    tcase_add_test(tests, a_plain_case_is_one_call);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
