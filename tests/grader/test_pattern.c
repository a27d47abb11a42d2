/* SPDX-License-Identifier: MIT */
/* [pattern]: each pattern has an output that shows it, and an output of scattered errors shows none. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/pattern.h"

enum { CELLS_MAX = 70000 };

/* An output with right answers, for a scenario to spoil. */
struct field {
    size_t rank;
    int64_t shape[4];
    int64_t rows, columns, count;
    double y[CELLS_MAX], gauge[CELLS_MAX];
    float got[CELLS_MAX];
    uint32_t poison[CELLS_MAX];
};

static uint64_t mix(uint64_t z) {
    z = (z + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void field_init(struct field *f, size_t rank, const int64_t *shape) {
    f->rank = rank;
    f->count = 1;
    for (size_t k = 0; k < rank; k++) {
        f->shape[k] = shape[k];
        f->count *= shape[k];
    }
    ck_assert_int_le(f->count, CELLS_MAX);
    f->columns = shape[rank - 1];
    f->rows = rank > 1 ? shape[rank - 2] : 1;
    for (int64_t i = 0; i < f->count; i++) {
        f->y[i] = (double)(int64_t)(mix((uint64_t)i) >> 11) * 0x1p-51 - 2 + 1e-9;
        f->gauge[i] = fabs(f->y[i]) + 0.1;
        f->got[i] = (float)f->y[i];
        f->poison[i] = 0x7fa00000u | ((uint32_t)mix((uint64_t)i + 77) & 0xfffffu);
    }
}

static int64_t row_of(const struct field *f, int64_t i) {
    return i / f->columns % f->rows;
}

static int64_t column_of(const struct field *f, int64_t i) {
    return i % f->columns;
}

static struct pattern find(const struct field *f, struct compare_result *result) {
    const struct compare_tensor tensor = {.name = "o",
                                          .type = DTYPE_F32,
                                          .rank = f->rank,
                                          .shape = f->shape,
                                          .got = f->got,
                                          .expected = f->y,
                                          .gauge = f->gauge,
                                          .poison = f->poison};
    const struct compare_rule rule = {.rule = SPEC_RULE_GAUGE, .reduction = 64};
    struct compare_bound bound;
    struct pattern pattern;

    compare_bound_from(&rule, NULL, 0, &bound);
    compare_judge(&tensor, &rule, &bound, result);
    ck_assert_int_ne(result->verdict, VERDICT_PASSED);
    pattern_find(&tensor, &rule, result, &pattern);
    return pattern;
}

/* ---- scenarios: each returns the spoiled value of element i ---- */

static float bits_float(uint32_t bits) {
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float keep_bits(float value, int bits) {
    int exponent;
    const double fraction = frexp((double)value, &exponent);

    return (float)ldexp(nearbyint(ldexp(fraction, bits)), exponent - bits);
}

static float untouched(const struct field *f, int64_t i) {
    return bits_float(f->poison[i]);
}
static float untouched_tail(const struct field *f, int64_t i) {
    return row_of(f, i) >= f->rows - 5 ? bits_float(f->poison[i]) : f->got[i];
}
static float zeros(const struct field *f, int64_t i) {
    (void)f;
    (void)i;
    return 0;
}
static float constant(const struct field *f, int64_t i) {
    (void)f;
    (void)i;
    return 0.25f;
}
static float nans(const struct field *f, int64_t i) {
    (void)f;
    (void)i;
    return NAN;
}
static float infinite_row(const struct field *f, int64_t i) {
    return row_of(f, i) == 3 ? INFINITY : f->got[i];
}
static float accumulated(const struct field *f, int64_t i) {
    return bits_float(f->poison[i] | 0x400000u);
}
static float inverse_root(const struct field *f, int64_t i) {
    return f->got[i] / sqrtf((float)f->columns);
}
static float by_rows(const struct field *f, int64_t i) {
    return f->got[i] * (float)f->rows;
}
static float odd_factor(const struct field *f, int64_t i) {
    return f->got[i] * 1.37f;
}
static float doubled_tail(const struct field *f, int64_t i) {
    return row_of(f, i) >= f->rows - 8 ? 2 * f->got[i] : f->got[i];
}
static float negative(const struct field *f, int64_t i) {
    return -f->got[i];
}
static float offset(const struct field *f, int64_t i) {
    return f->got[i] + 0.5f;
}
static float noise(const struct field *f, int64_t i) {
    return f->got[i] + 1 + 0.1f * (float)(mix((uint64_t)i) % 97);
}
static float one_head(const struct field *f, int64_t i) {
    return i / (f->rows * f->columns) % f->shape[1] == 2 ? noise(f, i) : f->got[i];
}
static float late_batches(const struct field *f, int64_t i) {
    return i / (f->rows * f->columns * f->shape[1]) >= 1 ? noise(f, i) : f->got[i];
}
static float head_tail(const struct field *f, int64_t i) {
    return row_of(f, i) >= f->rows - 3 ? one_head(f, i) : f->got[i];
}
static float tail_rows(const struct field *f, int64_t i) {
    return row_of(f, i) >= 992 ? noise(f, i) : f->got[i];
}
static float last_row(const struct field *f, int64_t i) {
    return row_of(f, i) == f->rows - 1 ? noise(f, i) : f->got[i];
}
static float tail_columns(const struct field *f, int64_t i) {
    return column_of(f, i) >= f->columns - 3 ? noise(f, i) : f->got[i];
}
static float third_columns(const struct field *f, int64_t i) {
    return column_of(f, i) % 8 == 3 ? noise(f, i) : f->got[i];
}
static float upper_lanes(const struct field *f, int64_t i) {
    return column_of(f, i) % 8 >= 4 ? noise(f, i) : f->got[i];
}
static float eighth_rows(const struct field *f, int64_t i) {
    return row_of(f, i) % 8 == 7 ? noise(f, i) : f->got[i];
}
static float upper(const struct field *f, int64_t i) {
    return column_of(f, i) > row_of(f, i) ? noise(f, i) : f->got[i];
}
static float diagonal(const struct field *f, int64_t i) {
    return column_of(f, i) == row_of(f, i) ? noise(f, i) : f->got[i];
}
static float lower(const struct field *f, int64_t i) {
    return column_of(f, i) <= row_of(f, i) ? noise(f, i) : f->got[i];
}
static float shifted(const struct field *f, int64_t i) {
    return row_of(f, i) > 0 ? (float)f->y[i - f->columns] : 9;
}
static float transposed(const struct field *f, int64_t i) {
    return (float)f->y[i % f->rows * f->columns + i / f->rows];
}
static float swapped(const struct field *f, int64_t i) {
    const int64_t heads = f->shape[1], slab = heads * f->rows * f->columns, within = i % slab;
    const int64_t place = within / f->columns;

    return (float)f->y[i - within + (place % heads * f->rows + place / heads) * f->columns + within % f->columns];
}
static float brain(const struct field *f, int64_t i) {
    return keep_bits(f->got[i], 8);
}
static float tensor_core(const struct field *f, int64_t i) {
    return keep_bits(f->got[i], 11);
}
static float rough(const struct field *f, int64_t i) {
    return f->got[i] * (1 + 2e-5f * ((float)(mix((uint64_t)i + 5) % 2001) / 1000 - 1));
}
static float scattered(const struct field *f, int64_t i) {
    return mix((uint64_t)i + 9) % 50 == 0 ? noise(f, i) : f->got[i];
}
static float single(const struct field *f, int64_t i) {
    return i == 137 ? noise(f, i) : f->got[i];
}
static float everything(const struct field *f, int64_t i) {
    return noise(f, i);
}

static const struct scenario {
    float (*spoil)(const struct field *f, int64_t i);
    size_t rank;
    int64_t shape[4];
    const char *sentence, *advice; /* must occur; an empty advice must be empty */
} scenario_table[] = {
    {untouched, 2, {30, 20}, "No element of o was ever written.", ""},
    {untouched_tail,
     2,
     {37, 20},
     "Rows 32-36 were never written in every column; all the others are right.",
     "37 = 1 * 32 + 5"},
    {zeros, 2, {30, 20}, "Every element is zero.", ""},
    {constant, 2, {30, 20}, "Every value is 0.25, whatever was expected.", ""},
    {nans, 2, {30, 20}, "All 600 elements are NaN.", ""},
    {infinite_row, 2, {30, 20}, "Row 3 is infinite in every column; all the others are right.", ""},
    {accumulated, 1, {600}, "All 600 elements are NaN.", "read before it is written"},
    {inverse_root,
     2,
     {30, 64},
     "Every value is 0.125 times the expected one.",
     "The factor is 1/sqrt(n) with n = 64, the length of dimension 2 of 2"},
    {by_rows,
     2,
     {48, 20},
     "Every value is 48 times the expected one.",
     "n with n = 48, the length of dimension 1 of 2: a sum stands"},
    {odd_factor, 2, {30, 20}, "Every value is 1.37 times the expected one.", ""},
    {doubled_tail, 2, {40, 20}, "Every wrong value is 2 times the expected one. Rows 32-39 are wrong", "factor of 2"},
    {negative, 2, {30, 20}, "Every value has the wrong sign.", ""},
    {offset, 2, {30, 20}, "Every value is 0.5 too large.", ""},
    {one_head,
     4,
     {2, 4, 9, 8},
     "Only head 2 of 4 is wrong (o[*][2][*][*], counted from 0); all the others are right.",
     ""},
    {late_batches, 4, {3, 4, 9, 8}, "Only batch entries 1-2 of 3 are wrong (o[1-2][*][*][*]", ""},
    {head_tail,
     4,
     {2, 4, 35, 8},
     "Only head 2 of 4 is wrong (o[*][2][*][*], counted from 0); all the others are right. "
     "There: Rows 32-34 are wrong in every column",
     "35 = 1 * 32 + 3"},
    {tail_rows,
     2,
     {1000, 64},
     "Rows 992-999 are wrong in every column; all the others are right.",
     "1000 = 31 * 32 + 8, and the last 8 are the wrong ones: look at how your loop handles a final block shorter "
     "than 32."},
    {last_row, 2, {33, 16}, "Row 32 is wrong in every column", "33 = 1 * 32 + 1, and the last 1 is the wrong one"},
    {last_row, 2, {34, 16}, "Row 33 is wrong in every column", "Only the last row is affected"},
    {tail_columns, 2, {20, 67}, "Columns 64-66 are wrong in every row; all the others are right.", "67 = 1 * 64 + 3"},
    {tail_columns, 1, {67}, "Elements 64-66 are wrong; all the others are right.", "67 = 1 * 64 + 3"},
    {third_columns, 2, {20, 64}, "Every 8th column is wrong (3, 11, 19, ...) in every row", ""},
    {upper_lanes, 2, {20, 64}, "The columns whose number modulo 8 is 4-7 are wrong in every row", ""},
    {eighth_rows, 2, {64, 10}, "Every 8th row is wrong (7, 15, 23, ...) in every column", ""},
    {upper, 3, {2, 12, 12}, "The upper triangle (column > row) is wrong; the rest is right.", "mask"},
    {lower, 2, {12, 12}, "The lower triangle with the diagonal (column <= row) is wrong", "mask"},
    {diagonal, 2, {12, 12}, "Only the diagonal (column == row) is wrong", "mask"},
    {shifted, 2, {30, 20}, "The wrong rows hold the answers of the row before.", "one row late"},
    {transposed, 2, {30, 20}, "transposed", "row * columns + column"},
    {transposed, 2, {24, 24}, "transposed", "row * columns + column"},
    {swapped, 4, {2, 4, 9, 8}, "the second and third dimension are exchanged", "order of the dimensions"},
    {brain, 2, {30, 20}, "only 8 significant bits", "bfloat16"},
    {tensor_core, 2, {30, 20}, "only 11 significant bits", "float16 and TF32"},
    {rough, 2, {30, 20}, "low precision rather than a wrong index or formula", ""},
    {scattered, 2, {100, 64}, "No pattern: ", ""},
    {scattered, 2, {100, 64}, "of 6400 elements are wrong, spread evenly.", ""},
    {single, 2, {30, 20}, "A single element is wrong: o[6][17].", ""},
    {everything, 2, {30, 20}, "All 600 elements are wrong.", ""},
};

enum { SCENARIOS = sizeof scenario_table / sizeof *scenario_table };

START_TEST(test_scenario) {
    const struct scenario *scenario = &scenario_table[_i];
    static struct field field;
    static float spoiled[CELLS_MAX];
    struct compare_result result;
    struct pattern pattern;

    field_init(&field, scenario->rank, scenario->shape);
    for (int64_t i = 0; i < field.count; i++)
        spoiled[i] = scenario->spoil(&field, i);
    memcpy(field.got, spoiled, sizeof spoiled);
    pattern = find(&field, &result);
    ck_assert_msg(strstr(pattern.sentence, scenario->sentence) != NULL, "scenario %d says \"%s\", not \"%s\"", _i,
                  pattern.sentence, scenario->sentence);
    if (scenario->advice[0])
        ck_assert_msg(strstr(pattern.advice, scenario->advice) != NULL, "scenario %d advises \"%s\"", _i,
                      pattern.advice);
    else
        ck_assert_msg(pattern.advice[0] == '\0', "scenario %d advises \"%s\"", _i, pattern.advice);
}
END_TEST

START_TEST(test_maps) {
    static struct field field;
    struct compare_result result;
    struct pattern pattern;

    field_init(&field, 2, (const int64_t[]){1000, 64});
    for (int64_t i = 0; i < field.count; i++)
        field.got[i] = tail_rows(&field, i);
    pattern = find(&field, &result);
    ck_assert_str_eq(pattern.rows, "...............................................#");
    ck_assert_str_eq(pattern.columns, "################################################");
    ck_assert_int_eq(pattern.row_count, 1000);
    ck_assert_int_eq(pattern.column_count, 64);
    field_init(&field, 1, (const int64_t[]){5});
    field.got[3] = 7;
    pattern = find(&field, &result);
    ck_assert_str_eq(pattern.rows, "#");
    ck_assert_str_eq(pattern.columns, "...#.");
    ck_assert_int_eq(pattern.row_count, 1);
}
END_TEST

/* Errors that no element shows alone: the rms bound is what they break. */
START_TEST(test_rms_failure) {
    static struct field field;
    struct compare_result result;
    struct pattern pattern;

    field_init(&field, 2, (const int64_t[]){40, 40});
    for (int64_t i = 0; i < field.count; i++) {
        field.gauge[i] = 1;
        field.y[i] = 1.1;
        field.got[i] = (float)(1.1 + (i % 2 ? 6 : -7) * 0x1p-24);
    }
    pattern = find(&field, &result);
    ck_assert_int_eq(result.failing, 0);
    ck_assert_msg(strstr(pattern.sentence, "low precision") != NULL, "%s", pattern.sentence);
}
END_TEST

START_TEST(test_whole_numbers) {
    const int64_t shape[2] = {8, 9};
    int32_t got[72], expected[72];
    const struct compare_tensor tensor = {
        .name = "id", .type = DTYPE_I32, .rank = 2, .shape = shape, .got = got, .expected = expected};
    const struct compare_rule rule = {.rule = SPEC_RULE_EXACT};
    const struct compare_bound bound = {.valid = true};
    struct compare_result result;
    struct pattern pattern;

    for (int i = 0; i < 72; i++) {
        expected[i] = i * 7 % 10;
        got[i] = expected[i] + (i >= 63);
    }
    compare_judge(&tensor, &rule, &bound, &result);
    pattern_find(&tensor, &rule, &result, &pattern);
    ck_assert_str_eq(pattern.sentence,
                     "Every wrong value is 1 too large. Row 7 is wrong in every column; all the others "
                     "are right.");
}
END_TEST

START_TEST(test_frobenius) {
    const int64_t shape[2] = {20, 10};
    static float got[200];
    static double y[200];
    const struct compare_tensor tensor = {
        .name = "dw", .type = DTYPE_F32, .rank = 2, .shape = shape, .got = got, .expected = y};
    const struct compare_rule rule = {.rule = SPEC_RULE_FROBENIUS, .reduction = 10, .limit = 2e-5};
    struct compare_bound bound;
    struct compare_result result;
    struct pattern pattern;

    for (int i = 0; i < 200; i++) {
        y[i] = cos(i);
        got[i] = (float)(i / 10 == 19 ? 0.3 * i + sin(i) : cos(i));
    }
    compare_bound_from(&rule, NULL, 0, &bound);
    compare_judge(&tensor, &rule, &bound, &result);
    pattern_find(&tensor, &rule, &result, &pattern);
    ck_assert_msg(strstr(pattern.sentence, "Row 19 is wrong in every column") != NULL, "%s", pattern.sentence);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pattern");
    TCase *tcase = tcase_create("pattern");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_scenario, 0, SCENARIOS);
    tcase_add_test(tcase, test_maps);
    tcase_add_test(tcase, test_rms_failure);
    tcase_add_test(tcase, test_whole_numbers);
    tcase_add_test(tcase, test_frobenius);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
