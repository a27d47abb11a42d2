/* SPDX-License-Identifier: MIT */
/* Where secrets lie: nowhere in the memories of a candidate, whatever layout and call, and whole in the reference's. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grader/layout.h"

#define PACK "tests/data/packs/good-measure"

enum { SLOTS = 3, INPUT = 1, TRUTH = 4, FIRST = 4, LAST = 6, MEASURE = 8 };

static struct spec *spec;
static struct trial trial;
static struct layout layout;
static struct memory inputs, outputs;
static struct arena arena = {&inputs, &outputs};

static void open_trial(void) {
    struct error err = {0};

    ck_assert_msg(spec_load(PACK, &spec, &err) == 0, "%s", err.text);
    ck_assert_int_eq(trial_init(&trial, spec, &spec->cases[1], &err), 0);
    trial_fill(&trial, 5, 0);
}

static void close_trial(void) {
    trial_release(&trial);
    spec_free(spec);
}

static void write_slots(void) {
    struct error err = {0};

    ck_assert_int_eq(memory_open(&inputs, "inputs", layout.input_bytes, true, &err), 0);
    ck_assert_int_eq(memory_open(&outputs, "outputs", layout.output_bytes, false, &err), 0);
    layout_prepare(&layout, &arena, 99);
    for (size_t slot = 0; slot < layout.slots; slot++) {
        layout_write(&layout, &arena, &trial, slot);
        layout_write_inouts(&layout, &arena, &trial, slot);
        layout_poison_outputs(&layout, &arena, &trial, 99, slot);
    }
}

static void release(void) {
    memory_release(&inputs);
    memory_release(&outputs);
}

static size_t find(const void *bytes, size_t size) {
    size_t found = 0;
    const struct memory *memories[] = {&inputs, &outputs};

    for (size_t i = 0; i < 2; i++)
        found += memmem(memories[i]->base, memories[i]->bytes, bytes, size) != NULL;
    return found;
}

/* Any four elements of a secret, and any one of the planted truth. */
static void must_not_hold_secrets(void) {
    for (size_t a = FIRST; a <= LAST; a++) {
        const float *secret = trial.tensor[a].data;
        const int64_t step = trial.tensor[a].count > 4 ? 4 : 1;

        for (int64_t i = 0; i + step <= trial.tensor[a].count; i += step) {
            double wide[4];
            for (int64_t k = 0; k < step; k++)
                wide[k] = (double)secret[i + k];
            ck_assert_uint_eq(find(secret + i, (size_t)step * sizeof *secret), 0);
            ck_assert_uint_eq(find(wide, (size_t)step * sizeof *wide), 0);
        }
    }
}

START_TEST(a_candidate_gets_no_secret) {
    const unsigned flags[] = {0, LAYOUT_WRITABLE, LAYOUT_WIDE | LAYOUT_GAUGES};

    open_trial();
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
        for (int variant = 0; variant < LAYOUT_VARIANTS; variant++) {
            layout_make(&layout, &trial, SLOTS, (enum layout_variant)variant, flags[f]);
            write_slots();
            must_not_hold_secrets();
            for (size_t a = FIRST; a < trial.tensor_count; a++)
                ck_assert(layout.place[a].null);
            release();
        }
    close_trial();
}
END_TEST

/* The search above would find it: here it is there. */
START_TEST(the_reference_gets_all_of_it) {
    open_trial();
    layout_make(&layout, &trial, 1, LAYOUT_LEFT_64, LAYOUT_SECRETS);
    write_slots();
    ck_assert_uint_eq(find(trial.tensor[INPUT].data, trial.tensor[INPUT].bytes), 1);
    for (size_t a = FIRST; a <= LAST; a++) {
        ck_assert_uint_eq(find(trial.tensor[a].data, trial.tensor[a].bytes), 1);
        ck_assert(!layout.place[a].writable);
    }
    ck_assert(layout.place[MEASURE].null);
    release();
    layout_make(&layout, &trial, 1, LAYOUT_LEFT_64, LAYOUT_SECRETS | LAYOUT_WRITABLE);
    ck_assert(layout.place[TRUTH].writable && !layout.place[TRUTH].null);
    close_trial();
}
END_TEST

START_TEST(measures_have_places_of_their_own) {
    open_trial();
    const size_t w = 3;
    layout_make_measure(&layout, &trial, 5, LAYOUT_WIDE | LAYOUT_GAUGES | LAYOUT_SECRETS);
    ck_assert_int_eq(layout.place[w].count, 5 * trial.tensor[w].count);
    ck_assert_int_eq((int)layout.place[w].type, (int)DTYPE_F64);
    ck_assert_int_eq(layout.place[MEASURE].count, trial.tensor[MEASURE].count);
    ck_assert(layout.place[MEASURE].writable && !layout.place[MEASURE].null);
    ck_assert_int_eq(layout.place[TRUTH].count, 1);
    write_slots();
    release();
    close_trial();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("secret");
    TCase *tests = tcase_create("secret");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, a_candidate_gets_no_secret);
    tcase_add_test(tests, the_reference_gets_all_of_it);
    tcase_add_test(tests, measures_have_places_of_their_own);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
