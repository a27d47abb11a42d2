/* SPDX-License-Identifier: MIT */
/* What is written into the memories of a layout: canaries that see a single byte, slack that spoils a sum, poison that
 * no arithmetic leaves behind, and contents that arrive bit for bit. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tests/grader/layout_sample.h"

enum { SLOTS = 3 };
static const uint64_t key = 0x1234567890abcdef;

/* True when byte `at` of the memory belongs to the data of some slot. */
static bool is_data(const struct place *place, size_t slots, size_t at) {
    for (size_t slot = 0; slot < slots; slot++) {
        const size_t data = place->offset + slot * place->stride;
        if (at >= data && at < data + place->bytes)
            return true;
    }
    return false;
}

/* The damage that byte `at` must be reported as: counted from the slot whose data is nearest. */
static struct layout_damage expected_damage(const struct place *place, size_t slots, size_t index, size_t at) {
    struct layout_damage best = {.place = index};
    const int64_t size = (int64_t)dtype_info(place->type)->bytes;
    int64_t nearest = INT64_MAX;

    for (size_t slot = 0; slot < slots; slot++) {
        const int64_t start = (int64_t)(place->offset + slot * place->stride), end = start + (int64_t)place->bytes;
        const int64_t byte = (int64_t)at, away = byte < start ? start - byte : byte - end + 1;
        if (away >= nearest)
            continue;
        nearest = away;
        best.slot = slot;
        best.element = byte < start ? -((start - byte + size - 1) / size) : (byte - start) / size;
    }
    return best;
}

/* Every `step`-th byte of the run, the first and the last among them. */
static void damage_bytes(struct stage *stage, size_t index, size_t step) {
    const struct place *place = &stage->layout.place[index];
    struct layout_damage damage;

    for (size_t i = place->begin; i < place->end + step - 1; i += step) {
        const size_t at = i < place->end ? i : place->end - 1;
        if (is_data(place, stage->layout.slots, at))
            continue;
        const struct layout_damage wanted = expected_damage(place, stage->layout.slots, index, at);
        stage->outputs.base[at] ^= (unsigned char)(1 << at % 8);
        ck_assert_msg(layout_damaged(&stage->layout, &stage->arena, key, &damage), "byte %zu is not guarded", at);
        ck_assert_uint_eq(damage.place, wanted.place);
        ck_assert_msg(damage.slot == wanted.slot && damage.element == wanted.element,
                      "byte %zu: slot %zu element %lld instead of slot %zu element %lld", at, damage.slot,
                      (long long)damage.element, wanted.slot, (long long)wanted.element);
        stage->outputs.base[at] ^= (unsigned char)(1 << at % 8);
    }
    ck_assert(!layout_damaged(&stage->layout, &stage->arena, key, &damage));
}

START_TEST(one_byte_anywhere_is_damage) {
    struct sample sample;
    struct stage stage;

    sample_open(&sample);
    stage_open(&stage, &sample, _i < LAYOUT_VARIANTS ? 1 : SLOTS, (enum layout_variant)(_i % LAYOUT_VARIANTS), 0);
    layout_prepare(&stage.layout, &stage.arena, key);
    damage_bytes(&stage, SAMPLE_OUTPUT, 1);
    damage_bytes(&stage, SAMPLE_CODES, 13);
    damage_bytes(&stage, SAMPLE_INOUT, 29);
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

/* Of several damaged bytes the one next to the data is told: y[n], not what came after it. */
START_TEST(the_nearest_byte_is_told) {
    struct sample sample;
    struct stage stage;
    struct layout_damage damage;

    sample_open(&sample);
    stage_open(&stage, &sample, 1, LAYOUT_LEFT_128, 0);
    layout_prepare(&stage.layout, &stage.arena, key);
    float *y = layout_data(&stage.layout, &stage.arena, SAMPLE_OUTPUT, 0);
    for (int i = SAMPLE_N; i < SAMPLE_N + 8; i++)
        y[i] = 1;
    ck_assert(layout_damaged(&stage.layout, &stage.arena, key, &damage));
    ck_assert_int_eq(damage.element, SAMPLE_N);
    layout_prepare(&stage.layout, &stage.arena, key);
    for (int i = -8; i < 0; i++)
        y[i] = 1;
    ck_assert(layout_damaged(&stage.layout, &stage.arena, key, &damage));
    ck_assert_int_eq(damage.element, -1);
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

START_TEST(data_is_free_to_be_written) {
    struct sample sample;
    struct stage stage;
    struct layout_damage damage;

    sample_open(&sample);
    stage_open(&stage, &sample, SLOTS, (enum layout_variant)_i, 0);
    layout_prepare(&stage.layout, &stage.arena, key);
    for (size_t i = 0; i < stage.layout.place_count; i++)
        for (size_t slot = 0; slot < SLOTS; slot++)
            if (stage.layout.place[i].pointer && stage.layout.place[i].writable && !stage.layout.place[i].null)
                memset(layout_data(&stage.layout, &stage.arena, i, slot), 0xee, stage.layout.place[i].bytes);
    ck_assert(!layout_damaged(&stage.layout, &stage.arena, key, &damage));
    ck_assert(layout_damaged(&stage.layout, &stage.arena, key + 1, &damage));
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

/* Whoever reads past the end of a float array gets a NaN, in front of it as behind it. */
START_TEST(input_slack_is_nan) {
    struct sample sample;
    struct stage stage;

    sample_open(&sample);
    stage_open(&stage, &sample, SLOTS, (enum layout_variant)_i, 0);
    layout_prepare(&stage.layout, &stage.arena, key);
    const struct place *x = &stage.layout.place[SAMPLE_INPUT], *deep = &stage.layout.place[SAMPLE_DEEP];
    for (size_t at = x->begin; at < x->end; at += sizeof(float)) {
        float value;
        memcpy(&value, stage.inputs.base + at, sizeof value);
        ck_assert(is_data(x, SLOTS, at) || isnan(value));
    }
    for (size_t at = deep->begin; at < deep->end; at += sizeof(double)) {
        uint64_t bits;
        memcpy(&bits, stage.inputs.base + at, sizeof bits);
        ck_assert(is_data(deep, SLOTS, at) || ((bits >> 51) == 0xffe && bits << 13 != 0));
    }
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

static bool is_signalling(enum dtype type, const void *array, size_t i) {
    uint32_t single;
    uint64_t wide;

    if (type == DTYPE_F32) {
        memcpy(&single, (const char *)array + 4 * i, sizeof single);
        return (single & 0x7fc00000u) == 0x7f800000u && (single & 0x3fffffu) != 0;
    }
    memcpy(&wide, (const char *)array + 8 * i, sizeof wide);
    return (wide & 0x7ff8000000000000u) == 0x7ff0000000000000u && (wide & 0x7ffffffffffffu) != 0;
}

static const enum dtype poison_types[] = {DTYPE_F32, DTYPE_F64, DTYPE_I32, DTYPE_I64, DTYPE_U8, DTYPE_BF16};

/* Equal elements of two poisons; by chance one in 2^23 floats, one in 256 bytes. */
static size_t equal_elements(const struct place *place, const unsigned char *a, const unsigned char *b) {
    const size_t size = dtype_info(place->type)->bytes;
    size_t equal = 0;

    for (int64_t i = 0; i < place->count; i++)
        equal += memcmp(a + (size_t)i * size, b + (size_t)i * size, size) == 0;
    return equal;
}

START_TEST(poison_differs_by_key_slot_and_element) {
    enum { COUNT = 1000 };
    static _Alignas(16) unsigned char first[COUNT * 8], again[COUNT * 8], other[COUNT * 8];
    const enum dtype type = poison_types[_i];
    const size_t size = dtype_info(type)->bytes;
    const struct place place = {.pointer = true, .type = type, .count = COUNT, .bytes = COUNT * size};

    layout_poison(&place, key, 0, first);
    layout_poison(&place, key, 0, again);
    ck_assert_mem_eq(first, again, place.bytes);
    layout_poison(&place, key + 1, 0, other);
    ck_assert_uint_lt(equal_elements(&place, first, other), COUNT / 64);
    layout_poison(&place, key, 1, other);
    ck_assert_uint_lt(equal_elements(&place, first, other), COUNT / 64);
    memmove(other, first + size, place.bytes - size);
    ck_assert_uint_lt(equal_elements(&place, first, other), COUNT / 64);
    for (size_t i = 0; i < COUNT && dtype_info(type)->floating && type != DTYPE_BF16; i++)
        ck_assert(is_signalling(type, first, i));
}
END_TEST

START_TEST(outputs_are_poisoned_and_nothing_else) {
    struct sample sample;
    struct stage stage;
    struct layout_damage damage;
    unsigned char wanted[SAMPLE_N * 8];

    sample_open(&sample);
    stage_open(&stage, &sample, 2, LAYOUT_LEFT, LAYOUT_WIDE | LAYOUT_GAUGES);
    layout_prepare(&stage.layout, &stage.arena, key);
    layout_write(&stage.layout, &stage.arena, &sample.trial, 1);
    layout_poison_outputs(&stage.layout, &stage.arena, &sample.trial, key, 1);
    for (size_t a = SAMPLE_OUTPUT; a <= SAMPLE_CODES; a++) {
        layout_poison(&stage.layout.place[a], key, 1, wanted);
        ck_assert_mem_eq(layout_data(&stage.layout, &stage.arena, a, 1), wanted, stage.layout.place[a].bytes);
    }
    /* A reference that forgets a gauge must not find the last call's there. */
    const size_t gauge = stage.layout.gauge_place[SAMPLE_OUTPUT];
    for (size_t i = 0; i < SAMPLE_N; i++)
        ck_assert(isnan(((double *)layout_data(&stage.layout, &stage.arena, gauge, 1))[i]));
    const double *state = layout_data(&stage.layout, &stage.arena, SAMPLE_INOUT, 1);
    for (size_t i = 0; i < 5; i++)
        ck_assert(state[i] == (double)((float *)sample.trial.tensor[SAMPLE_INOUT].data)[i]);
    ck_assert(!layout_damaged(&stage.layout, &stage.arena, key, &damage));
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

START_TEST(contents_arrive_bit_for_bit) {
    struct sample sample;
    struct stage stage;

    sample_open(&sample);
    stage_open(&stage, &sample, 2, LAYOUT_RIGHT, 0);
    layout_write(&stage.layout, &stage.arena, &sample.trial, 1);
    for (size_t a = 0; a < SAMPLE_ARGUMENTS; a++) {
        const struct tensor *tensor = &sample.trial.tensor[a];
        if (tensor->data == NULL)
            continue;
        ck_assert_mem_eq(layout_data(&stage.layout, &stage.arena, a, 1), tensor->data, tensor->bytes);
    }
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

START_TEST(widening_is_exact) {
    static const float hard[] = {0.0f, -0.0f, 0x1p-149f, -0x1.fffffep+127f, INFINITY, -INFINITY, 0.1f, 16777217.0f};
    struct sample sample;
    struct stage stage;

    sample_open(&sample);
    memcpy(sample.trial.tensor[SAMPLE_INPUT].data, hard, sizeof hard);
    stage_open(&stage, &sample, 1, LAYOUT_LEFT, LAYOUT_WIDE);
    layout_write(&stage.layout, &stage.arena, &sample.trial, 0);
    const double *wide = layout_data(&stage.layout, &stage.arena, SAMPLE_INPUT, 0);
    const float *from = sample.trial.tensor[SAMPLE_INPUT].data;
    for (size_t i = 0; i < SAMPLE_N; i++) {
        const float back = (float)wide[i];
        ck_assert_mem_eq(&back, &from[i], sizeof back);
    }
    const struct tensor *labels = &sample.trial.tensor[SAMPLE_LABELS];
    ck_assert_mem_eq(layout_data(&stage.layout, &stage.arena, SAMPLE_LABELS, 0), labels->data, labels->bytes);
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

START_TEST(inouts_are_written_alone) {
    struct sample sample;
    struct stage stage;

    sample_open(&sample);
    stage_open(&stage, &sample, 2, LAYOUT_LEFT_64, 0);
    memset(stage.inputs.base, 0x5a, stage.inputs.bytes);
    memset(stage.outputs.base, 0x5a, stage.outputs.bytes);
    layout_write_inouts(&stage.layout, &stage.arena, &sample.trial, 0);
    for (size_t i = 0; i < stage.inputs.bytes; i++)
        ck_assert_uint_eq(stage.inputs.base[i], 0x5a);
    const struct place *state = &stage.layout.place[SAMPLE_INOUT];
    const struct tensor *tensor = &sample.trial.tensor[SAMPLE_INOUT];
    ck_assert_mem_eq(stage.outputs.base + state->offset, tensor->data, tensor->bytes);
    for (size_t i = 0; i < stage.outputs.bytes; i++)
        if (i < state->offset || i >= state->offset + state->bytes)
            ck_assert_uint_eq(stage.outputs.base[i], 0x5a);
    stage_close(&stage);
    sample_close(&sample);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layout_bytes");
    TCase *tests = tcase_create("layout_bytes");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tests, one_byte_anywhere_is_damage, 0, 2 * LAYOUT_VARIANTS);
    tcase_add_test(tests, the_nearest_byte_is_told);
    tcase_add_loop_test(tests, data_is_free_to_be_written, 0, LAYOUT_VARIANTS);
    tcase_add_loop_test(tests, input_slack_is_nan, 0, LAYOUT_VARIANTS);
    tcase_add_loop_test(tests, poison_differs_by_key_slot_and_element, 0, sizeof poison_types / sizeof *poison_types);
    tcase_add_test(tests, outputs_are_poisoned_and_nothing_else);
    tcase_add_test(tests, contents_arrive_bit_for_bit);
    tcase_add_test(tests, widening_is_exact);
    tcase_add_test(tests, inouts_are_written_alone);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
