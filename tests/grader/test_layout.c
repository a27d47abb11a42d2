/* SPDX-License-Identifier: MIT */
/* Where arguments lie: promises of alignment and distance, for every variant, every number of slots and every flag.
 * What is written into the memories is test_layout_bytes.c. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "tests/grader/layout_sample.h"

static const struct {
    enum layout_variant variant;
    size_t shift; /* from a page boundary; LAYOUT_RIGHT has none */
} variants[LAYOUT_VARIANTS] = {
    {LAYOUT_LEFT, 0},
    {LAYOUT_LEFT_64, 64},
    {LAYOUT_LEFT_128, 128},
    {LAYOUT_RIGHT, 0},
};

static const unsigned flag_sets[] = {0, LAYOUT_WIDE, LAYOUT_WIDE | LAYOUT_GAUGES, LAYOUT_WRITABLE,
                                     LAYOUT_WIDE | LAYOUT_GAUGES | LAYOUT_WRITABLE};
enum { FLAG_SETS = sizeof flag_sets / sizeof *flag_sets };

static const size_t slot_counts[] = {1, 2, 7, 100};
enum { SLOT_COUNTS = sizeof slot_counts / sizeof *slot_counts };

typedef void layout_check_fn(const struct layout *layout, size_t variant);

static void every_layout(layout_check_fn *check) {
    struct sample sample;

    sample_open(&sample);
    for (size_t v = 0; v < LAYOUT_VARIANTS; v++)
        for (size_t f = 0; f < FLAG_SETS; f++)
            for (size_t s = 0; s < SLOT_COUNTS; s++) {
                struct layout layout;
                layout_make(&layout, &sample.trial, slot_counts[s], variants[v].variant, flag_sets[f]);
                check(&layout, v);
            }
    sample_close(&sample);
}

static void check_alignment(const struct layout *layout, size_t v) {
    const size_t page = memory_page();

    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *place = &layout->place[i];
        if (!place->pointer || place->null)
            continue;
        ck_assert_uint_eq(place->begin % page, 0);
        ck_assert_uint_eq(place->end % page, 0);
        ck_assert_uint_eq(place->stride % 64, 0);
        ck_assert_uint_eq(place->offset % dtype_info(place->type)->bytes, 0);
        if (variants[v].variant == LAYOUT_RIGHT || place->bytes == 0)
            ck_assert_uint_eq(place->offset + (layout->slots - 1) * place->stride + place->bytes, place->end);
        else
            ck_assert_uint_eq(place->offset, place->begin + variants[v].shift);
    }
}

START_TEST(each_variant_keeps_its_alignment) {
    every_layout(check_alignment);
}
END_TEST

static void check_slots(const struct layout *layout, size_t v) {
    (void)v;
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *place = &layout->place[i];
        if (!place->pointer || place->null)
            continue;
        ck_assert_uint_ge(place->offset, place->begin);
        ck_assert_uint_le(place->offset + (layout->slots - 1) * place->stride + place->bytes, place->end);
        /* Room for a canary between neighbours. */
        ck_assert_uint_ge(place->stride, place->bytes + 64);
    }
}

START_TEST(slots_do_not_overlap) {
    every_layout(check_slots);
}
END_TEST

/* Runs of one memory never share a page, and a page of nothing lies before, between and after them. */
static void check_guards(const struct layout *layout, size_t v) {
    const size_t page = memory_page();

    (void)v;
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *a = &layout->place[i];
        if (!a->pointer || a->null)
            continue;
        ck_assert_uint_ge(a->begin, page);
        ck_assert_uint_gt(a->end, a->begin);
        ck_assert_uint_le(a->end + page, a->writable ? layout->output_bytes : layout->input_bytes);
        for (size_t k = 0; k < layout->place_count; k++) {
            const struct place *b = &layout->place[k];
            if (k == i || !b->pointer || b->null || b->writable != a->writable)
                continue;
            ck_assert(a->end + page <= b->begin || b->end + page <= a->begin);
        }
    }
}

START_TEST(runs_lie_between_guard_pages) {
    every_layout(check_guards);
}
END_TEST

START_TEST(arguments_become_places) {
    struct sample sample;
    struct layout layout;

    sample_open(&sample);
    layout_make(&layout, &sample.trial, 1, LAYOUT_LEFT, 0);
    ck_assert_uint_eq(layout.argument_count, SAMPLE_ARGUMENTS);
    ck_assert(!layout.place[SAMPLE_SIZE].pointer && !layout.place[SAMPLE_SCALAR].pointer);
    ck_assert(layout.place[SAMPLE_INPUT].pointer && !layout.place[SAMPLE_INPUT].writable);
    ck_assert(layout.place[SAMPLE_NULL].pointer && layout.place[SAMPLE_NULL].null);
    ck_assert(layout.place[SAMPLE_EMPTY].pointer && !layout.place[SAMPLE_EMPTY].null);
    ck_assert_int_eq(layout.place[SAMPLE_EMPTY].count, 0);
    ck_assert(layout.place[SAMPLE_INOUT].writable && layout.place[SAMPLE_OUTPUT].writable);
    ck_assert_int_eq((int)layout.place[SAMPLE_INPUT].type, (int)DTYPE_F32);
    ck_assert_uint_eq(layout.place[SAMPLE_INPUT].bytes, 4 * SAMPLE_N);
    ck_assert_uint_eq(layout.place[SAMPLE_LABELS].bytes, 3 * sizeof(int32_t));
    sample_close(&sample);
}
END_TEST

START_TEST(wide_layouts_hold_doubles) {
    struct sample sample;
    struct layout layout;

    sample_open(&sample);
    layout_make(&layout, &sample.trial, 2, LAYOUT_RIGHT, LAYOUT_WIDE);
    for (size_t a = SAMPLE_INPUT; a < SAMPLE_ARGUMENTS; a++)
        ck_assert_int_ne((int)layout.place[a].type, (int)DTYPE_F32);
    ck_assert_int_eq((int)layout.place[SAMPLE_INPUT].type, (int)DTYPE_F64);
    ck_assert_uint_eq(layout.place[SAMPLE_INPUT].bytes, 8 * SAMPLE_N);
    ck_assert_int_eq((int)layout.place[SAMPLE_LABELS].type, (int)DTYPE_I32);
    ck_assert_uint_eq(layout.place[SAMPLE_LABELS].bytes, 3 * sizeof(int32_t));
    sample_close(&sample);
}
END_TEST

/* Gauges follow the arguments in their order, one for each output under the gauge rule and for no other. */
START_TEST(gauges_have_places_of_their_own) {
    struct sample sample;
    struct layout layout;

    sample_open(&sample);
    layout_make(&layout, &sample.trial, 1, LAYOUT_LEFT_64, LAYOUT_WIDE | LAYOUT_GAUGES);
    ck_assert_uint_eq(layout.place_count, SAMPLE_ARGUMENTS + 2);
    ck_assert_uint_eq(layout.gauge_place[SAMPLE_INOUT], SAMPLE_ARGUMENTS);
    ck_assert_uint_eq(layout.gauge_place[SAMPLE_OUTPUT], SAMPLE_ARGUMENTS + 1);
    ck_assert_uint_eq(layout.gauge_place[SAMPLE_CODES], 0);
    ck_assert_uint_eq(layout.gauge_place[SAMPLE_INPUT], 0);
    for (size_t i = SAMPLE_ARGUMENTS; i < layout.place_count; i++) {
        ck_assert(layout.place[i].pointer && !layout.place[i].null && layout.place[i].writable);
        ck_assert_int_eq((int)layout.place[i].type, (int)DTYPE_F64);
    }
    ck_assert_int_eq(layout.place[SAMPLE_ARGUMENTS + 1].count, SAMPLE_N);
    sample_close(&sample);
}
END_TEST

START_TEST(gauges_are_null_when_not_asked_for) {
    struct sample sample;
    struct layout with, without;

    sample_open(&sample);
    layout_make(&with, &sample.trial, 1, LAYOUT_LEFT, LAYOUT_GAUGES);
    layout_make(&without, &sample.trial, 1, LAYOUT_LEFT, 0);
    ck_assert_uint_eq(without.place_count, SAMPLE_ARGUMENTS + 2);
    ck_assert(without.place[SAMPLE_ARGUMENTS].pointer && without.place[SAMPLE_ARGUMENTS].null);
    ck_assert(without.place[SAMPLE_ARGUMENTS + 1].null);
    ck_assert_uint_lt(without.output_bytes, with.output_bytes);
    sample_close(&sample);
}
END_TEST

START_TEST(generated_inputs_are_writable) {
    struct sample sample;
    struct layout layout;

    sample_open(&sample);
    layout_make(&layout, &sample.trial, 1, LAYOUT_LEFT, LAYOUT_WRITABLE);
    for (size_t i = 0; i < layout.place_count; i++)
        ck_assert(!layout.place[i].pointer || layout.place[i].writable);
    ck_assert_uint_eq(layout.input_bytes, 0);
    sample_close(&sample);
}
END_TEST

START_TEST(data_lies_where_the_worker_sees_it) {
    struct sample sample;
    struct stage stage;

    sample_open(&sample);
    stage_open(&stage, &sample, 3, LAYOUT_RIGHT, 0);
    const struct place *input = &stage.layout.place[SAMPLE_INPUT], *output = &stage.layout.place[SAMPLE_OUTPUT];
    ck_assert_ptr_eq(layout_data(&stage.layout, &stage.arena, SAMPLE_INPUT, 0), stage.inputs.base + input->offset);
    ck_assert_ptr_eq(layout_data(&stage.layout, &stage.arena, SAMPLE_OUTPUT, 2),
                     stage.outputs.base + output->offset + 2 * output->stride);
    /* An empty tensor is no null pointer, and one byte further is the guard. */
    ck_assert_ptr_eq(layout_data(&stage.layout, &stage.arena, SAMPLE_EMPTY, 2),
                     stage.inputs.base + stage.layout.place[SAMPLE_EMPTY].end);
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layout");
    TCase *tests = tcase_create("layout");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, each_variant_keeps_its_alignment);
    tcase_add_test(tests, slots_do_not_overlap);
    tcase_add_test(tests, runs_lie_between_guard_pages);
    tcase_add_test(tests, arguments_become_places);
    tcase_add_test(tests, wide_layouts_hold_doubles);
    tcase_add_test(tests, gauges_have_places_of_their_own);
    tcase_add_test(tests, gauges_are_null_when_not_asked_for);
    tcase_add_test(tests, generated_inputs_are_writable);
    tcase_add_test(tests, data_lies_where_the_worker_sees_it);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
