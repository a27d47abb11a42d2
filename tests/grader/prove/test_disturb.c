/* SPDX-License-Identifier: MIT */
/* Changes to one argument: every number of it moves, padding stays, and what cannot change is refused. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "grader/prove/disturb.h"

enum { COUNT = 6 };

/* A trial with one argument, made of the bytes that the test gives. */
static struct trial trial_of(enum dtype type, void *data, int64_t count) {
    struct trial trial = {.tensor_count = 1};

    trial.tensor[0] = (struct tensor){.name = "x",
                                      .type = type,
                                      .role = SPEC_INPUT,
                                      .count = count,
                                      .bytes = (size_t)count * dtype_info(type)->bytes,
                                      .data = data};
    return trial;
}

START_TEST(the_kinds_have_words) {
    ck_assert_str_eq(disturb_word(DISTURB_VALUES), "other values");
    ck_assert_str_eq(disturb_word(DISTURB_ORDER), "another order");
}
END_TEST

/* Factors that differ: a common one would go unnoticed by whatever divides by a norm, an offset by whatever centres. */
START_TEST(floats_move_by_factors_that_differ) {
    float x[COUNT] = {1, 1, -1, 1e-30F, 1e30F, 0};
    const float before[COUNT] = {1, 1, -1, 1e-30F, 1e30F, 0};
    struct trial trial = trial_of(DTYPE_F32, x, COUNT);

    ck_assert(disturb(&trial, &trial, 0, DISTURB_VALUES));
    for (int i = 0; i < COUNT - 1; i++) {
        const double factor = (double)x[i] / (double)before[i];
        ck_assert_double_ge(fabs(factor - 1), 1e-4);
        ck_assert_double_le(fabs(factor - 1), 0.1001);
    }
    ck_assert_float_ne(x[0], x[1]);
    ck_assert_float_ne(x[5], 0);
    ck_assert_float_le(fabsf(x[5]), 0.05F);
}
END_TEST

START_TEST(padding_keeps_its_place_and_value) {
    for (int kind = 0; kind < DISTURB_KINDS; kind++) {
        float x[COUNT] = {NAN, 1, INFINITY, 2, 3, -INFINITY};
        struct trial trial = trial_of(DTYPE_F32, x, COUNT);

        ck_assert(disturb(&trial, &trial, 0, (enum disturb_kind)kind));
        ck_assert(isnan(x[0]));
        ck_assert_float_eq(x[2], INFINITY);
        ck_assert_float_eq(x[5], -INFINITY);
        for (int i = 1; i < 5; i++)
            ck_assert(i == 2 || (x[i] >= 0.9F && x[i] <= 3.4F));
    }
}
END_TEST

START_TEST(the_order_is_reversed_around_the_padding) {
    float x[COUNT] = {1, NAN, 2, 3, 4, NAN};
    double y[3] = {1, 2, 3};
    struct trial trial = trial_of(DTYPE_F32, x, COUNT), doubles = trial_of(DTYPE_F64, y, 3);

    ck_assert(disturb(&trial, &trial, 0, DISTURB_ORDER));
    ck_assert(x[0] == 4 && isnan(x[1]) && x[2] == 3 && x[3] == 2 && x[4] == 1 && isnan(x[5]));
    ck_assert(disturb(&doubles, &doubles, 0, DISTURB_ORDER));
    ck_assert(y[0] == 3 && y[1] == 2 && y[2] == 1);
}
END_TEST

START_TEST(what_stays_the_same_has_no_other_order) {
    float constant[COUNT] = {2, 2, 2, 2, 2, 2}, mirrored[3] = {1, 2, 1}, single[3] = {NAN, 5, NAN};
    struct trial trial = trial_of(DTYPE_F32, constant, COUNT);

    ck_assert(!disturb(&trial, &trial, 0, DISTURB_ORDER));
    trial = trial_of(DTYPE_F32, mirrored, 3);
    ck_assert(!disturb(&trial, &trial, 0, DISTURB_ORDER));
    trial = trial_of(DTYPE_F32, single, 3);
    ck_assert(!disturb(&trial, &trial, 0, DISTURB_ORDER));
    ck_assert_float_eq(single[1], 5);
    single[1] = NAN;
    ck_assert(!disturb(&trial, &trial, 0, DISTURB_VALUES));
}
END_TEST

/* Other whole numbers might be no input at all (an index beyond its table), so they come from another content. */
START_TEST(integers_take_the_values_of_another_content) {
    int32_t x[3] = {4, 0, 2}, other[3] = {1, 1, 7};
    struct trial trial = trial_of(DTYPE_I32, x, 3), content = trial_of(DTYPE_I32, other, 3);

    ck_assert(disturb(&trial, &content, 0, DISTURB_VALUES));
    ck_assert_mem_eq(x, ((const int32_t[]){1, 1, 7}), sizeof x);
    ck_assert(!disturb(&trial, &content, 0, DISTURB_VALUES));
    ck_assert(disturb(&trial, &content, 0, DISTURB_ORDER));
    ck_assert_mem_eq(x, ((const int32_t[]){7, 1, 1}), sizeof x);
    ck_assert_mem_eq(other, ((const int32_t[]){1, 1, 7}), sizeof other);
}
END_TEST

START_TEST(an_argument_that_is_not_there_cannot_change) {
    float x[1] = {1};
    struct trial trial = trial_of(DTYPE_F32, x, 1);

    trial.tensor[0].null = true;
    ck_assert(!disturb(&trial, &trial, 0, DISTURB_VALUES));
    trial.tensor[0].null = false;
    trial.tensor[0].data = NULL;
    ck_assert(!disturb(&trial, &trial, 0, DISTURB_VALUES));
    ck_assert(!disturb(&trial, &trial, 0, DISTURB_ORDER));
}
END_TEST

START_TEST(a_copy_has_inputs_of_its_own) {
    static char name[] = "x", case_name[] = "small";
    static struct spec spec;
    static struct spec_case c;
    struct trial trial, copy;
    struct error err = {0};

    spec.entry_count = spec.entry[0].argument_count = 1;
    spec.entry[0].argument[0] = (struct spec_argument){.name = name, .type = DTYPE_F32, .role = SPEC_INPUT, .rank = 1};
    c.name = case_name;
    c.shape[0][0] = COUNT;
    c.fill[0] = (struct fill){.kind = FILL_NORMAL, .parameter = {0, 1}};
    ck_assert_int_eq(trial_init(&trial, &spec, &c, &err), 0);
    trial_fill(&trial, 3, 5);
    ck_assert_int_eq(disturb_copy(&trial, &copy, &err), 0);
    ck_assert_uint_eq(copy.seed, 3);
    ck_assert_uint_eq(copy.call, 5);
    ck_assert_mem_eq(copy.tensor[0].data, trial.tensor[0].data, COUNT * sizeof(float));
    ck_assert(disturb(&copy, &trial, 0, DISTURB_VALUES));
    ck_assert_mem_ne(copy.tensor[0].data, trial.tensor[0].data, COUNT * sizeof(float));
    trial_release(&copy);
    trial_release(&trial);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("disturb");
    TCase *changes = tcase_create("changes");

    tcase_add_test(changes, the_kinds_have_words);
    tcase_add_test(changes, floats_move_by_factors_that_differ);
    tcase_add_test(changes, padding_keeps_its_place_and_value);
    tcase_add_test(changes, the_order_is_reversed_around_the_padding);
    tcase_add_test(changes, what_stays_the_same_has_no_other_order);
    tcase_add_test(changes, integers_take_the_values_of_another_content);
    tcase_add_test(changes, an_argument_that_is_not_there_cannot_change);
    tcase_add_test(changes, a_copy_has_inputs_of_its_own);
    suite_add_tcase(suite, changes);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
