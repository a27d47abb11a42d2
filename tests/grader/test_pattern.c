/* SPDX-License-Identifier: MIT */
/* [pattern]: each pattern has an output that shows it, and an output of scattered errors shows none. */
#include "tests/grader/pattern_field.h"

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
