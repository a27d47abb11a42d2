/* SPDX-License-Identifier: MIT */
/* Each lazy output of the panel on arrays that are small enough to write down what it must be. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "grader/prove/panel.h"

enum { MOST = 64 };

/* A float32 output with its right answer, and what a member made of it. */
struct output {
    struct trial trial;
    struct tensor tensor;
    int64_t shape[3];
    float perfect[MOST], got[MOST];
};

static void shape_as(struct output *output, size_t rank, int64_t a, int64_t b, int64_t c) {
    const int64_t shape[3] = {a, b, c};

    memset(output, 0, sizeof *output);
    memcpy(output->shape, shape, sizeof shape);
    output->tensor = (struct tensor){
        .name = "y", .type = DTYPE_F32, .role = SPEC_OUTPUT, .rank = rank, .shape = output->shape, .count = 1};
    for (size_t i = 0; i < rank; i++)
        output->tensor.count *= shape[i];
    output->tensor.bytes = (size_t)output->tensor.count * sizeof(float);
    for (int64_t i = 0; i < output->tensor.count; i++)
        output->perfect[i] = (float)(i + 1);
}

static size_t member(const char *name) {
    size_t m = 0;

    while (m < PANEL_COUNT && strcmp(PANEL[m].name, name) != 0)
        m++;
    ck_assert_msg(m < PANEL_COUNT, "no member of the panel is called %s", name);
    return m;
}

static bool make_beside(struct output *output, const char *name, const float *stale, const double *gauge) {
    const struct panel_view view = {
        .trial = &output->trial, .tensor = &output->tensor, .perfect = output->perfect, .stale = stale, .gauge = gauge};

    memset(output->got, 0xa5, sizeof output->got);
    return panel_make(member(name), &view, output->got);
}

static bool make(struct output *output, const char *name) {
    return make_beside(output, name, NULL, NULL);
}

static void expect(const struct output *output, const float *expected) {
    for (int64_t i = 0; i < output->tensor.count; i++)
        ck_assert_msg(output->got[i] == expected[i] || (isnan(output->got[i]) && isnan(expected[i])),
                      "element %lld is %.9g, not %.9g", (long long)i, (double)output->got[i], (double)expected[i]);
}
#define EXPECT(output, ...) expect(output, (const float[]){__VA_ARGS__})

/* The output of one number under a member that rounds or scales it. */
static float rounded(const char *name, float x) {
    struct output output;

    shape_as(&output, 1, 1, 0, 0);
    output.perfect[0] = x;
    return make(&output, name) ? output.got[0] : x;
}

START_TEST(every_member_has_a_name_of_its_own) {
    ck_assert_str_eq(PANEL[PANEL_ZEROS].name, "zeros");
    for (size_t m = 0; m < PANEL_COUNT; m++) {
        ck_assert_ptr_nonnull(PANEL[m].make);
        ck_assert_uint_gt(strlen(PANEL[m].what), 0);
        ck_assert_uint_eq(member(PANEL[m].name), m);
    }
}
END_TEST

START_TEST(nothing_is_made_of_nothing) {
    struct output output;

    shape_as(&output, 2, 0, 5, 0);
    for (size_t m = 0; m < PANEL_COUNT; m++)
        ck_assert(!make(&output, PANEL[m].name));
}
END_TEST

START_TEST(what_is_right_is_no_lazy_output) {
    struct output output;

    shape_as(&output, 1, 4, 0, 0);
    for (size_t i = 0; i < 4; i++)
        output.perfect[i] = i % 2 == 0 ? 0.0F : -0.0F;
    ck_assert(!make(&output, "zeros"));
    ck_assert(!make(&output, "constant"));
    ck_assert(!make(&output, "bf16"));
    ck_assert(!make(&output, "sign"));
    ck_assert(!make_beside(&output, "stale", output.perfect, NULL));
    output.perfect[3] = 1;
    ck_assert(make(&output, "zeros"));
}
END_TEST

START_TEST(guesses) {
    struct output output;
    const float stale[] = {9, 8, 7, 6};

    shape_as(&output, 1, 4, 0, 0);
    ck_assert(make(&output, "zeros"));
    EXPECT(&output, 0, 0, 0, 0);
    ck_assert(make(&output, "constant"));
    EXPECT(&output, 2.5F, 2.5F, 2.5F, 2.5F);
    ck_assert(!make(&output, "stale"));
    ck_assert(make_beside(&output, "stale", stale, NULL));
    EXPECT(&output, 9, 8, 7, 6);
}
END_TEST

START_TEST(a_copied_input_has_the_type_and_the_length) {
    struct output output;
    float x[] = {5, 6, 7, 8}, shorter[] = {1, 1};
    int32_t index[] = {3, 3, 3, 3};

    shape_as(&output, 1, 3, 0, 0);
    ck_assert(!make(&output, "input"));
    output.trial.tensor_count = 3;
    output.trial.tensor[0] = (struct tensor){.type = DTYPE_I32, .role = SPEC_INPUT, .count = 4, .data = index};
    output.trial.tensor[1] = (struct tensor){.type = DTYPE_F32, .role = SPEC_INPUT, .count = 2, .data = shorter};
    output.trial.tensor[2] = (struct tensor){.type = DTYPE_F32, .role = SPEC_INPUT, .count = 4, .data = x};
    ck_assert(make(&output, "input"));
    EXPECT(&output, 5, 6, 7);
    output.trial.tensor[2].count = 3;
    ck_assert(make(&output, "input"));
    output.trial.tensor[2].data = NULL;
    ck_assert(!make(&output, "input"));
}
END_TEST

START_TEST(the_second_half_is_not_a_number) {
    struct output output;

    shape_as(&output, 1, 5, 0, 0);
    ck_assert(make(&output, "half"));
    EXPECT(&output, 1, 2, NAN, NAN, NAN);
    shape_as(&output, 1, 1, 0, 0);
    ck_assert(!make(&output, "half"));
}
END_TEST

START_TEST(rounding_to_few_bits) {
    ck_assert_float_eq(rounded("bf16", 0x1.01p0F), 1); /* a tie goes to the even neighbour */
    ck_assert_float_eq(rounded("bf16", 0x1.03p0F), 0x1.04p0F);
    ck_assert_float_eq(rounded("bf16", -0x1.012p0F), -0x1.02p0F);
    ck_assert_float_eq(rounded("bf16", 0x1.ffp100F), 0x1p101F);
    ck_assert_float_eq(rounded("bf16", 0x1.02p0F), 0x1.02p0F);
    ck_assert_float_eq(rounded("tf32", 0x1.002p0F), 1);
    ck_assert_float_eq(rounded("tf32", 0x1.0022p0F), 0x1.004p0F);
    ck_assert_float_eq(rounded("tf32", 0x1.0022p100F), 0x1.004p100F);
    ck_assert_float_eq(rounded("scaled", 3), 3 * (1 + 0x1p-13F));
    ck_assert(isnan(rounded("bf16", NAN)));
    ck_assert_float_eq(rounded("bf16", -INFINITY), -INFINITY);
}
END_TEST

/* 65520 is the first number that binary16 rounds to infinity; from 2^-14 down the spacing stays 2^-24. */
START_TEST(half_precision_has_an_end_on_either_side) {
    ck_assert_float_eq(rounded("fp16", 0x1.0022p0F), 0x1.004p0F);
    ck_assert_float_eq(rounded("fp16", 65519), 65504);
    ck_assert_float_eq(rounded("fp16", 65520), INFINITY);
    ck_assert_float_eq(rounded("fp16", -1e6F), -INFINITY);
    ck_assert_float_eq(rounded("fp16", 0x1.8p-15F), 0x1.8p-15F);
    ck_assert_float_eq(rounded("fp16", 0x1.004p-15F), 0x1p-15F);
    ck_assert_float_eq(rounded("fp16", 0x1.8p-24F), 0x1p-23F);
    ck_assert_float_eq(rounded("fp16", 0x1p-25F), 0);
    ck_assert_float_eq(rounded("fp16", -0x1.1p-25F), -0x1p-24F);
    ck_assert_float_eq(rounded("fp16", 0x1.ffcp-15F), 0x1p-14F);
    /* Eleven bits first would make a tie of it, and the tie would go up. */
    ck_assert_float_eq(rounded("fp16", 0x1.7ffep-24F), 0x1p-24F);
}
END_TEST

/* Two numbers that hardly move say nothing, a third that does says it for all. */
START_TEST(rounding_that_changes_nothing_by_accident) {
    static const char *const names[] = {"bf16", "fp16", "tf32"};
    struct output output;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        shape_as(&output, 1, 3, 0, 0);
        output.perfect[0] = 0x1.00001p0F;
        output.perfect[1] = -0x1.8p3F;
        output.perfect[2] = 0;
        ck_assert(!make(&output, names[i]));
        output.perfect[2] = 0x1.004ccp0F;
        ck_assert(make(&output, names[i]));
        ck_assert_float_eq(output.got[0], 1);
    }
}
END_TEST

START_TEST(one_element_is_off_where_it_shows_most) {
    struct output output;
    const double gauge[] = {1, 0.5, 100, 0}; /* nothing can be said of an element without a gauge */

    shape_as(&output, 1, 4, 0, 0);
    ck_assert(make(&output, "one_off"));
    EXPECT(&output, 1, 2, 3, 5);
    ck_assert(make_beside(&output, "one_off", NULL, gauge));
    EXPECT(&output, 1, 2.5F, 3, 4);
    ck_assert(make_beside(&output, "sign", NULL, gauge));
    EXPECT(&output, 1, -2, 3, 4);
    output.perfect[2] = -1000;
    ck_assert(make_beside(&output, "one_off", NULL, gauge));
    EXPECT(&output, 1, 2, -1250, 4);
}
END_TEST

START_TEST(edges_that_a_loop_forgets) {
    struct output output;

    shape_as(&output, 2, 2, 3, 0);
    ck_assert(make(&output, "last_row"));
    EXPECT(&output, 1, 2, 3, 0, 0, 0);
    ck_assert(make(&output, "last_column"));
    EXPECT(&output, 1, 2, 0, 4, 5, 0);
    ck_assert(make(&output, "tail"));
    EXPECT(&output, 0, 0, 0, 0, 0, 0);
    shape_as(&output, 1, 3, 0, 0);
    ck_assert(!make(&output, "last_row"));
    ck_assert(make(&output, "last_column"));
    EXPECT(&output, 1, 2, 0);
}
END_TEST

START_TEST(the_tail_begins_at_a_multiple_of_eight) {
    struct output output;

    shape_as(&output, 2, 2, 14, 0);
    ck_assert(make(&output, "tail"));
    for (int64_t i = 0; i < 28; i++)
        ck_assert_float_eq(output.got[i], i % 14 < 8 ? output.perfect[i] : 0);
    shape_as(&output, 2, 2, 16, 0);
    ck_assert(!make(&output, "tail"));
}
END_TEST

START_TEST(square_matrices_are_transposed_one_by_one) {
    struct output output;

    shape_as(&output, 3, 2, 2, 2);
    ck_assert(make(&output, "transposed"));
    EXPECT(&output, 1, 3, 2, 4, 5, 7, 6, 8);
    shape_as(&output, 2, 2, 3, 0);
    ck_assert(!make(&output, "transposed"));
    shape_as(&output, 1, 4, 0, 0);
    ck_assert(!make(&output, "transposed"));
    shape_as(&output, 2, 2, 2, 0);
    output.perfect[1] = output.perfect[2];
    ck_assert(!make(&output, "transposed"));
}
END_TEST

START_TEST(whole_numbers_are_not_rounded) {
    static const int32_t perfect[] = {1, 2, 3, 4};
    static const int64_t shape[] = {4};
    static const char *const never[] = {"bf16", "fp16", "tf32", "scaled"};
    const struct trial trial = {0};
    const struct tensor tensor = {.type = DTYPE_I32, .rank = 1, .shape = shape, .count = 4, .bytes = sizeof perfect};
    const struct panel_view view = {.trial = &trial, .tensor = &tensor, .perfect = perfect};
    int32_t got[4];

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        ck_assert(!panel_make(member(never[i]), &view, got));
    ck_assert(panel_make(member("one_off"), &view, got));
    ck_assert_mem_eq(got, ((const int32_t[]){1, 2, 3, 5}), sizeof got);
    ck_assert(panel_make(member("half"), &view, got));
    ck_assert_mem_eq(got, ((const int32_t[]){1, 2, 0, 0}), sizeof got);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("panel");
    TCase *members = tcase_create("members");

    tcase_add_test(members, every_member_has_a_name_of_its_own);
    tcase_add_test(members, nothing_is_made_of_nothing);
    tcase_add_test(members, what_is_right_is_no_lazy_output);
    tcase_add_test(members, guesses);
    tcase_add_test(members, a_copied_input_has_the_type_and_the_length);
    tcase_add_test(members, the_second_half_is_not_a_number);
    tcase_add_test(members, rounding_to_few_bits);
    tcase_add_test(members, half_precision_has_an_end_on_either_side);
    tcase_add_test(members, rounding_that_changes_nothing_by_accident);
    tcase_add_test(members, one_element_is_off_where_it_shows_most);
    tcase_add_test(members, edges_that_a_loop_forgets);
    tcase_add_test(members, the_tail_begins_at_a_multiple_of_eight);
    tcase_add_test(members, square_matrices_are_transposed_one_by_one);
    tcase_add_test(members, whole_numbers_are_not_rounded);
    suite_add_tcase(suite, members);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
