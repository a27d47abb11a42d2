/* SPDX-License-Identifier: MIT */
/* Every distribution of grader/fill.h has the shape that its name promises. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/grader/fill_sample.h"

static double mean_of(void) {
    double sum = 0;

    for (int i = 0; i < COUNT; i++)
        sum += (double)value[i];
    return sum / COUNT;
}

static double deviation_of(void) {
    const double mean = mean_of();
    double sum = 0;

    for (int i = 0; i < COUNT; i++)
        sum += ((double)value[i] - mean) * ((double)value[i] - mean);
    return sqrt(sum / COUNT);
}

START_TEST(normal) {
    make_kind(FILL_NORMAL, 100, 3, 0, 0);
    ck_assert_double_eq_tol(mean_of(), 100, 0.2);
    ck_assert_double_eq_tol(deviation_of(), 3, 0.15);
}
END_TEST

START_TEST(uniform_keeps_out_of_its_upper_end) {
    make_kind(FILL_UNIFORM, -2, 5, 0, 0);
    ck_assert_double_eq_tol(mean_of(), 1.5, 0.15);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] >= -2 && value[i] < 5);
    /* Only one float32 lies in [1, 1 + 2^-23). */
    make_kind(FILL_UNIFORM, 1, 1 + 0x1p-23, 0, 0);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == 1.0f);
}
END_TEST

START_TEST(uniform_stays_below_in_each_type) {
    static const int64_t shape[1] = {3000};
    static double got[3000];
    const struct fill fill = {.kind = FILL_UNIFORM, .parameter = {0, 1}};
    const struct random_stream stream = stream_of(1);

    for (int type = 0; type < DTYPE_COUNT; type++) {
        double largest = 0;

        fill_make(&fill, (enum dtype)type, shape, 1, &stream, got);
        for (size_t i = 0; i < 3000; i++)
            largest = fmax(largest, dtype_load((enum dtype)type, got, i));
        ck_assert_double_lt(largest, 1.0);
        if (dtype_info((enum dtype)type)->floating)
            ck_assert_double_gt(largest, 0.99);
    }
}
END_TEST

START_TEST(log_uniform_has_both_signs_and_all_scales) {
    int negative = 0, small = 0;

    make_kind(FILL_LOG_UNIFORM, -8, 4, 0, 0);
    for (int i = 0; i < COUNT; i++) {
        const double magnitude = fabs((double)value[i]);

        ck_assert(magnitude >= 0.9999999e-8 && magnitude <= 1.0000001e4);
        negative += value[i] < 0;
        small += magnitude < 1e-2;
    }
    ck_assert_int_gt(negative, COUNT * 45 / 100);
    ck_assert_int_lt(negative, COUNT * 55 / 100);
    ck_assert_int_gt(small, COUNT * 45 / 100);
    ck_assert_int_lt(small, COUNT * 55 / 100);
}
END_TEST

START_TEST(powers_of_ten_are_right) {
    static const double exponent[] = {-44, -38, -7.25, -1, 0, 0.5, 3, 17, 38};

    for (size_t k = 0; k < sizeof exponent / sizeof *exponent; k++) {
        static const int64_t shape[1] = {2};
        const struct fill fill = {.kind = FILL_LOG_UNIFORM, .parameter = {exponent[k], exponent[k]}};
        const struct random_stream stream = stream_of(1);
        double got[2];

        fill_make(&fill, DTYPE_F64, shape, 1, &stream, got);
        ck_assert_double_eq_tol(fabs(got[0]) / pow(10, exponent[k]), 1.0, 1e-13);
    }
}
END_TEST

START_TEST(row_scaled_has_one_scale_for_each_row) {
    double smallest = INFINITY, largest = 0;

    make_kind(FILL_ROW_SCALED, 0, 1, -6, 6);
    for (int row = 0; row < ROWS; row++) {
        double sum = 0;

        for (int column = 0; column < COLUMNS; column++)
            sum += (double)at(row, column) * (double)at(row, column);
        smallest = fmin(smallest, sqrt(sum / COLUMNS));
        largest = fmax(largest, sqrt(sum / COLUMNS));
    }
    ck_assert_double_lt(smallest, 1e-3);
    ck_assert_double_gt(largest, 1e3);
    /* With sd 0 the elements are the scales themselves. */
    make_kind(FILL_ROW_SCALED, 1, 0, -6, 6);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == value[i / COLUMNS * COLUMNS]);
}
END_TEST

START_TEST(constant_rows) {
    make_kind(FILL_CONSTANT_ROWS, 5, 2, 0, 0);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == value[i / COLUMNS * COLUMNS]);
    ck_assert(at(0, 0) != at(1, 0));
    ck_assert_double_eq_tol(mean_of(), 5, 2);
}
END_TEST

START_TEST(near_constant) {
    make_kind(FILL_NEAR_CONSTANT, 1000, 1e-3, 0, 0);
    ck_assert_double_eq_tol(mean_of(), 1000, 0.1);
    ck_assert_double_eq_tol(deviation_of(), 1, 0.1);
}
END_TEST

START_TEST(one_place_in_each_row) {
    int used = 0;

    make_kind((enum fill_kind)_i, _i == FILL_ONE_HOT ? 7e8 : 0, 1, 7e8, 0);
    for (int row = 0; row < ROWS; row++) {
        int hits = 0;

        for (int column = 0; column < COLUMNS; column++) {
            hits += at(row, column) == 7e8f;
            used += at(row, column) == 7e8f ? column : 0;
            ck_assert(at(row, column) == 7e8f || fabsf(at(row, column)) < 10);
        }
        ck_assert_int_eq(hits, 1);
    }
    /* The places are spread: their mean is 64, and its standard deviation over 37 rows is 6. */
    ck_assert_int_gt(used / ROWS, 64 - 24);
    ck_assert_int_lt(used / ROWS, 64 + 24);
}
END_TEST

START_TEST(ascending) {
    make_kind(FILL_ASCENDING, 10, 0.5, 0, 0);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == 10.0f + 0.5f * (float)(i % COLUMNS));
    make_kind(FILL_ROW_ASCENDING, -4, 2, 5, 0);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == -4.0f + 2.0f * (float)(i / COLUMNS % 5));
}
END_TEST

START_TEST(row_ascending_starts_anew_with_each_matrix) {
    static const int64_t shape[3] = {2, 3, 2};
    const struct fill fill = fill_of(FILL_ROW_ASCENDING);
    const struct random_stream stream = stream_of(1);
    float got[12];

    fill_make(&fill, DTYPE_F32, shape, 3, &stream, got);
    for (int i = 0; i < 12; i++)
        ck_assert(got[i] == (float)(i / 2 % 3));
}
END_TEST

START_TEST(ties) {
    int count[5] = {0};

    make_kind(FILL_TIES, -1, 1, 5, 0);
    for (int i = 0; i < COUNT; i++) {
        const double level = ((double)value[i] + 1) * 2;

        ck_assert(level >= 0 && level <= 4 && level == floor(level));
        count[(int)level]++;
    }
    for (int i = 0; i < 5; i++)
        ck_assert_int_gt(count[i], COUNT / 5 * 8 / 10);
    make_kind(FILL_TIES, 3, 9, 1, 0);
    ck_assert(value[0] == 3 && value[COUNT - 1] == 3);
}
END_TEST

START_TEST(permutation) {
    int fixed = 0;

    make_kind(FILL_PERMUTATION, 0, 0, 0, 0);
    for (int row = 0; row < ROWS; row++) {
        bool seen[COLUMNS] = {false};

        for (int column = 0; column < COLUMNS; column++) {
            const int place = (int)at(row, column);

            ck_assert(place >= 0 && place < COLUMNS && !seen[place]);
            seen[place] = true;
            fixed += place == column;
        }
    }
    /* A random permutation has one fixed point on average. */
    ck_assert_int_gt(fixed, 10);
    ck_assert_int_lt(fixed, 80);
    ck_assert_int_ne(memcmp(value, value + COLUMNS, COLUMNS * sizeof *value), 0);
}
END_TEST

/* Rows longer than a block, and a row that does not depend on how many follow. */
START_TEST(permutation_of_a_long_row) {
    enum { N = 3000 };
    static const int64_t one_row[2] = {1, N}, two_rows[2] = {2, N};
    static int32_t one[N], two[2 * N];
    static bool seen[N];
    const struct fill fill = fill_of(FILL_PERMUTATION);
    const struct random_stream stream = stream_of(1);

    fill_make(&fill, DTYPE_I32, one_row, 2, &stream, one);
    fill_make(&fill, DTYPE_I32, two_rows, 2, &stream, two);
    ck_assert_int_eq(memcmp(one, two, sizeof one), 0);
    for (int i = 0; i < N; i++) {
        ck_assert(one[i] >= 0 && one[i] < N && !seen[one[i]]);
        seen[one[i]] = true;
    }
}
END_TEST

START_TEST(integers) {
    int low = 0, high = 0;

    make_kind(FILL_INTEGERS, -2, 3, 0, 0);
    for (int i = 0; i < COUNT; i++) {
        ck_assert(value[i] >= -2 && value[i] <= 3 && value[i] == floorf(value[i]));
        low += value[i] == -2;
        high += value[i] == 3;
    }
    ck_assert_int_gt(low, COUNT / 6 * 8 / 10);
    ck_assert_int_gt(high, COUNT / 6 * 8 / 10);
    make_kind(FILL_INTEGERS, 4, 2, 0, 0);
    ck_assert(value[0] == 4 && value[COUNT - 1] == 4);
}
END_TEST

START_TEST(denormal) {
    int negative = 0;

    make_kind(FILL_DENORMAL, 0, 0, 0, 0);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(fpclassify(value[i]), FP_SUBNORMAL);
        negative += value[i] < 0;
    }
    ck_assert_int_gt(negative, COUNT * 4 / 10);
    ck_assert_int_lt(negative, COUNT * 6 / 10);
}
END_TEST

START_TEST(special) {
    int zero[2] = {0}, tiny[2] = {0}, huge[2] = {0};

    make_kind(FILL_SPECIAL, 0, 1, 0.5, 0);
    for (int i = 0; i < COUNT; i++) {
        const int negative = signbit(value[i]) != 0;

        ck_assert(isfinite(value[i]));
        zero[negative] += value[i] == 0;
        tiny[negative] += fabsf(value[i]) == FLT_TRUE_MIN;
        huge[negative] += fabsf(value[i]) == FLT_MAX;
    }
    for (int negative = 0; negative < 2; negative++) {
        ck_assert_int_gt(zero[negative], COUNT / 10);
        ck_assert_int_gt(tiny[negative], COUNT / 20);
        ck_assert_int_gt(huge[negative], COUNT / 20);
    }
    make_kind(FILL_SPECIAL, 2, 0, 0, 0);
    ck_assert(value[0] == 2 && value[COUNT - 1] == 2);
}
END_TEST

START_TEST(list) {
    const struct fill fill = {.kind = FILL_LIST, .list_count = 3, .list = {0, 1, 6}};

    make(&fill);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == (float)fill.list[i % 3]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fill_kinds");
    TCase *tests = tcase_create("fill_kinds");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, normal);
    tcase_add_test(tests, uniform_keeps_out_of_its_upper_end);
    tcase_add_test(tests, uniform_stays_below_in_each_type);
    tcase_add_test(tests, log_uniform_has_both_signs_and_all_scales);
    tcase_add_test(tests, powers_of_ten_are_right);
    tcase_add_test(tests, row_scaled_has_one_scale_for_each_row);
    tcase_add_test(tests, constant_rows);
    tcase_add_test(tests, near_constant);
    tcase_add_loop_test(tests, one_place_in_each_row, FILL_OUTLIER, FILL_OUTLIER + 1);
    tcase_add_loop_test(tests, one_place_in_each_row, FILL_ONE_HOT, FILL_ONE_HOT + 1);
    tcase_add_test(tests, ascending);
    tcase_add_test(tests, row_ascending_starts_anew_with_each_matrix);
    tcase_add_test(tests, ties);
    tcase_add_test(tests, permutation);
    tcase_add_test(tests, permutation_of_a_long_row);
    tcase_add_test(tests, integers);
    tcase_add_test(tests, denormal);
    tcase_add_test(tests, special);
    tcase_add_test(tests, list);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
