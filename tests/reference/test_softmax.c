/* SPDX-License-Identifier: MIT */
/* Masked softmax in both builds: against long double loops, and against what holds for any numbers: rows sum to one, a
 * shift of the logits changes nothing, what is masked never counts. */
#define REAL_IS_DOUBLE 1
#include "reference/softmax.h"

#include <check.h>
#include <string.h>

void softmax_rows_f32(const float *x, size_t rows, size_t columns, size_t stride, const size_t *visible, float *out);

enum { ROWS = 5, COLUMNS = 67, STRIDE = 71 };

struct problem {
    double x[ROWS * STRIDE]; /* values that float32 holds exactly */
    size_t visible[ROWS];
};

static void problem_make(struct problem *p, double spread) {
    uint64_t state = 42;
    for (size_t i = 0; i < ROWS * STRIDE; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        p->x[i] = (float)(spread * ((double)(state >> 33) / 0x1p30 - 1));
    }
    memcpy(p->visible, (size_t[ROWS]){COLUMNS, 0, 1, 33, COLUMNS - 1}, sizeof p->visible);
}

static long double truth(const struct problem *p, size_t r, size_t c) {
    const double *x = p->x + r * STRIDE;
    long double top = -INFINITY, sum = 0;
    for (size_t j = 0; j < p->visible[r]; j++)
        top = x[j] > top ? x[j] : top;
    for (size_t j = 0; j < p->visible[r]; j++)
        sum += expl(x[j] - top);
    return c < p->visible[r] ? expl(x[c] - top) / sum : 0;
}

/* The worst |got - truth| in units of unit*p*(1 + distance from the maximum), the first-order term; `got` is row r. */
static double worst_ratio(const struct problem *p, const double *got, double unit) {
    double worst = 0;
    for (size_t r = 0; r < ROWS; r++) {
        double top = -INFINITY;
        for (size_t j = 0; j < p->visible[r]; j++)
            top = fmax(top, p->x[r * STRIDE + j]);
        for (size_t c = 0; c < COLUMNS; c++) {
            double exact = (double)truth(p, r, c), distance = c < p->visible[r] ? top - p->x[r * STRIDE + c] : 0;
            double error = fabs(got[r * STRIDE + c] - exact);
            worst = fmax(worst, error == 0 ? 0 : error / (unit * exact * (1 + distance) + 0x1p-149));
        }
    }
    return worst;
}

static void run_narrow(const struct problem *p, double *out) {
    float x[ROWS * STRIDE];
    for (size_t i = 0; i < ROWS * STRIDE; i++)
        x[i] = (float)p->x[i];
    softmax_rows_f32(x, ROWS, COLUMNS, STRIDE, p->visible, x);
    for (size_t i = 0; i < ROWS * STRIDE; i++)
        out[i] = x[i];
}

START_TEST(both_builds_agree_with_the_definition) {
    static const double spread[] = {1e-3, 3, 300};
    struct problem p;
    double got[ROWS * STRIDE] = {0};
    problem_make(&p, spread[_i]);
    softmax_rows(p.x, ROWS, COLUMNS, STRIDE, p.visible, got);
    ck_assert_double_lt(worst_ratio(&p, got, 0x1p-53), 8);
    run_narrow(&p, got);
    ck_assert_double_lt(worst_ratio(&p, got, 0x1p-24), 8);
}
END_TEST

START_TEST(the_measure_rejects_low_precision) {
    struct problem p;
    double got[ROWS * STRIDE] = {0};
    problem_make(&p, 3);
    softmax_rows(p.x, ROWS, COLUMNS, STRIDE, p.visible, got);
    got[7] *= 1 + 1e-5;
    ck_assert_double_gt(worst_ratio(&p, got, 0x1p-24), 8);
    got[7] = NAN;
    got[8] = 0;
    ck_assert_double_gt(worst_ratio(&p, got, 0x1p-24), 8);
}
END_TEST

START_TEST(rows_sum_to_one_or_zero_and_leave_the_gap_alone) {
    struct problem p;
    problem_make(&p, 50);
    double got[ROWS * STRIDE];
    memcpy(got, p.x, sizeof got);
    softmax_rows(got, ROWS, COLUMNS, STRIDE, p.visible, got);
    for (size_t r = 0; r < ROWS; r++) {
        double sum = 0;
        for (size_t c = 0; c < COLUMNS; c++)
            sum += got[r * STRIDE + c];
        ck_assert_double_eq_tol(sum, p.visible[r] > 0 ? 1 : 0, 1e-14);
        for (size_t c = p.visible[r]; c < COLUMNS; c++)
            ck_assert(got[r * STRIDE + c] == 0);
        for (size_t c = COLUMNS; c < STRIDE; c++)
            ck_assert(got[r * STRIDE + c] == p.x[r * STRIDE + c]);
    }
}
END_TEST

START_TEST(a_shift_changes_nothing) {
    struct problem p;
    problem_make(&p, 8);
    double plain[ROWS * STRIDE], shifted[ROWS * STRIDE];
    softmax_rows(p.x, ROWS, COLUMNS, STRIDE, p.visible, plain);
    for (size_t i = 0; i < ROWS * STRIDE; i++)
        p.x[i] += 4096; /* exact in double, and far beyond what exp alone would stand */
    softmax_rows(p.x, ROWS, COLUMNS, STRIDE, p.visible, shifted);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < COLUMNS; c++)
            ck_assert_double_eq_tol(shifted[r * STRIDE + c], plain[r * STRIDE + c], 1e-15);
}
END_TEST

START_TEST(masked_entries_may_hold_anything) {
    double x[4] = {1, 2, NAN, INFINITY};
    struct softmax_row row = softmax_numerators(x, 4, 2);
    ck_assert(row.max == 2);
    ck_assert_double_eq_tol(row.sum, 1 + exp(-1), 1e-15);
    ck_assert_double_eq_tol(x[0], exp(-1), 1e-16);
    ck_assert(x[1] == 1 && x[2] == 0 && x[3] == 0);
}
END_TEST

START_TEST(an_empty_row_is_zeros) {
    double x[3] = {5, NAN, 7};
    struct softmax_row row = softmax_numerators(x, 3, 0);
    ck_assert(row.sum == 0 && isinf(row.max) && row.max < 0);
    ck_assert(x[0] == 0 && x[1] == 0 && x[2] == 0);
    softmax_rows(x, 0, 3, 3, NULL, x);
    softmax_rows(x, 1, 0, 3, NULL, x);
    ck_assert(x[0] == 0);
}
END_TEST

START_TEST(without_a_mask_all_columns_count) {
    float x[3] = {0.0f, 0.0f, 0.0f};
    softmax_rows_f32(x, 1, 3, 3, NULL, x);
    for (size_t c = 0; c < 3; c++)
        ck_assert_float_eq_tol(x[c], 1.0f / 3.0f, 1e-7f);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("softmax");
    TCase *cases = tcase_create("softmax");
    tcase_add_loop_test(cases, both_builds_agree_with_the_definition, 0, 3);
    tcase_add_test(cases, the_measure_rejects_low_precision);
    tcase_add_test(cases, rows_sum_to_one_or_zero_and_leave_the_gap_alone);
    tcase_add_test(cases, a_shift_changes_nothing);
    tcase_add_test(cases, masked_entries_may_hold_anything);
    tcase_add_test(cases, an_empty_row_is_zeros);
    tcase_add_test(cases, without_a_mask_all_columns_count);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
