/* SPDX-License-Identifier: MIT */
/* [compare] on a real reduction: honest float32 algorithms must pass, and every member of a panel of lazy or imprecise
 * outputs must be far out of tolerance. Then the bound and the bookkeeping. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/grader/judge_floats.h"

/* The little deterministic generator of the tests: uniform in (-1, 1). */
static double draw(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(*state >> 11) * 0x1p-52 - 1;
}

enum { ROWS = 40, COLUMNS = 40, DEPTH = 96, CELLS = ROWS * COLUMNS };

struct product {
    float a[ROWS][DEPTH], b[COLUMNS][DEPTH];
    double y[CELLS], gauge[CELLS];
    float naive[CELLS], blocked[CELLS], reversed[CELLS], pairwise[CELLS];
    struct compare_tensor tensor;
    struct compare_rule rule;
    struct compare_bound bound;
    struct compare_error reference[2];
};

static const int64_t product_shape[2] = {ROWS, COLUMNS};

static float sum_pairwise(const float *x, int n) {
    return n == 1 ? x[0] : sum_pairwise(x, n / 2) + sum_pairwise(x + n / 2, n - n / 2);
}

static void product_cell(struct product *p, int i, int j) {
    double exact = 0, size = 0;
    float forward = 0, backward = 0, lane[8] = {0}, term[DEPTH];

    for (int k = 0; k < DEPTH; k++) {
        exact += (double)p->a[i][k] * (double)p->b[j][k];
        size += fabs((double)p->a[i][k] * (double)p->b[j][k]);
        term[k] = p->a[i][k] * p->b[j][k];
        forward += term[k];
        lane[k % 8] += term[k];
        backward += p->a[i][DEPTH - 1 - k] * p->b[j][DEPTH - 1 - k];
    }
    p->y[i * COLUMNS + j] = exact;
    p->gauge[i * COLUMNS + j] = size;
    p->naive[i * COLUMNS + j] = forward;
    p->reversed[i * COLUMNS + j] = backward;
    p->blocked[i * COLUMNS + j] = sum_pairwise(lane, 8);
    p->pairwise[i * COLUMNS + j] = sum_pairwise(term, DEPTH);
}

static struct compare_result product_judge(const struct product *p, const float *got) {
    struct compare_tensor tensor = p->tensor;
    struct compare_result result;

    tensor.got = got;
    compare_judge(&tensor, &p->rule, &p->bound, &result);
    return result;
}

static void product_init(struct product *p, uint64_t seed) {
    uint64_t state = seed;
    struct compare_tensor tensor;

    for (int i = 0; i < ROWS; i++) {
        const double scale = exp2(floor(8 * draw(&state)));
        for (int k = 0; k < DEPTH; k++)
            p->a[i][k] = (float)(scale * (draw(&state) + 0.3));
    }
    for (int j = 0; j < COLUMNS; j++)
        for (int k = 0; k < DEPTH; k++)
            p->b[j][k] = (float)draw(&state);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            product_cell(p, i, j);
    p->tensor = (struct compare_tensor){
        .name = "o", .type = DTYPE_F32, .rank = 2, .shape = product_shape, .expected = p->y, .gauge = p->gauge};
    p->rule = (struct compare_rule){.rule = SPEC_RULE_GAUGE, .reduction = DEPTH};
    tensor = p->tensor;
    tensor.got = p->naive;
    compare_measure(&tensor, &p->rule, &p->reference[0]);
    tensor.got = p->blocked;
    compare_measure(&tensor, &p->rule, &p->reference[1]);
    compare_bound_from(&p->rule, p->reference, 2, &p->bound);
}

START_TEST(test_honest_algorithms_pass) {
    struct product *p = malloc(sizeof *p);
    const float *algorithm[4] = {p->naive, p->blocked, p->reversed, p->pairwise};

    for (uint64_t seed = 1; seed <= 5; seed++) {
        product_init(p, seed);
        ck_assert(p->bound.valid);
        ck_assert_double_gt(p->bound.reference_ratio, 0.05);
        ck_assert_double_lt(p->bound.reference_ratio, DEPTH);
        for (int k = 0; k < 4; k++) {
            const struct compare_result result = product_judge(p, algorithm[k]);
            ck_assert_int_eq(result.verdict, VERDICT_PASSED);
            ck_assert_double_lt(result.used, 0.5);
            ck_assert_int_eq(result.failing, 0);
        }
    }
    free(p);
}
END_TEST

enum { PANEL = 13 };

static double panel_value(const struct product *p, const struct product *other, int member, int cell) {
    const double y = p->y[cell];
    const int row = cell / COLUMNS, column = cell % COLUMNS;
    double sum = 0;

    switch (member) {
    case 0:
        return 0;
    case 1:
        for (int i = 0; i < CELLS; i++)
            sum += p->y[i];
        return sum / CELLS;
    case 2:
        return (double)p->a[row][column];
    case 3:
        return other->y[cell];
    case 4:
        return round_bits(y, 8); /* bf16 */
    case 5:
        return round_bits(y, 11); /* fp16 and tf32 */
    case 6:
        return y * (1 + 0x1p-13);
    case 7:
        return row == ROWS - 1 ? 0 : y;
    case 8:
        return column == COLUMNS - 1 ? 0 : y;
    case 9:
        return cell >= CELLS - CELLS % 7 ? 0 : y;
    case 10:
        return p->y[column * COLUMNS + row];
    case 11:
        return cell == 617 ? y + p->gauge[cell] * 0x1p-14 : y;
    case 12:
        return -y;
    default:
        return y;
    }
}

START_TEST(test_panel_is_rejected) {
    struct product *p = malloc(sizeof *p), *other = malloc(sizeof *other);
    float got[CELLS];
    struct compare_result result;

    product_init(p, 11);
    product_init(other, 12);
    for (int i = 0; i < CELLS; i++)
        got[i] = (float)panel_value(p, other, _i, i);
    result = product_judge(p, got);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_msg(result.used >= 4, "panel member %d: only %g times the tolerance", _i, result.used);
    ck_assert_int_gt(result.failing, 0);
    for (int i = 0; i < CELLS; i++)
        got[i] = (float)panel_value(p, other, PANEL, i);
    ck_assert_int_eq(product_judge(p, got).verdict, VERDICT_PASSED);
    free(p);
    free(other);
}
END_TEST

/* Every element a little wrong, none by much: only the rms sees it. */
START_TEST(test_rms_gate) {
    enum { N = 4096 };
    static float got[N];
    static double y[N], gauge[N];

    for (int i = 0; i < N; i++) {
        y[i] = 1;
        gauge[i] = 1;
        got[i] = 1 + 0x1p-23f * 4; /* 8 units: max allows 16, rms allows 4 */
    }
    const struct compare_result result = judge_with(&gauge_rule, got, y, gauge, NULL, N);
    ck_assert_double_le(result.error.ratio, result.bound.ratio);
    ck_assert_double_eq_tol(result.error.rms, 8, 1e-3);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_int_eq(result.failing, 0);
    ck_assert_double_eq_tol(result.used, 2, 1e-3);
}
END_TEST

START_TEST(test_bound) {
    const struct compare_rule rule = {.rule = SPEC_RULE_GAUGE, .reduction = 10};
    const struct compare_rule long_rule = {.rule = SPEC_RULE_GAUGE, .reduction = 1e6};
    const struct compare_error quiet = {.ratio = 0.04, .rms = 0.01}, loud = {.ratio = 2, .rms = 0.5};
    const struct compare_error wrong = {.ratio = 61, .rms = 3}, none = {.ratio = INFINITY, .rms = INFINITY};
    const struct compare_error pair[2] = {loud, quiet};
    struct compare_bound bound;

    compare_bound_from(&rule, &quiet, 1, &bound);
    ck_assert_double_eq(bound.ratio, 16);
    ck_assert_double_eq(bound.rms, 4);
    compare_bound_from(&rule, pair, 2, &bound);
    ck_assert_double_eq(bound.ratio, 32);
    ck_assert_double_eq(bound.rms, 8);
    ck_assert_double_eq(bound.reference_ratio, 2);
    compare_bound_from(&rule, &wrong, 1, &bound);
    ck_assert_double_eq(bound.ratio, 60);
    ck_assert(!bound.valid);
    compare_bound_from(&long_rule, &wrong, 1, &bound);
    ck_assert_double_eq(bound.ratio, 16 * 61);
    ck_assert(bound.valid);
    compare_bound_from(&long_rule, &(struct compare_error){.ratio = 1000, .rms = 3}, 1, &bound);
    ck_assert_double_eq(bound.ratio, 2048);
    compare_bound_from(&rule, &none, 1, &bound);
    ck_assert(!bound.valid);
    compare_bound_from(&rule, (const struct compare_error[]){{.ratio = NAN}, {.ratio = 1}}, 2, &bound);
    ck_assert(!bound.valid);
}
END_TEST

START_TEST(test_worst_and_indices) {
    enum { N = 2 * 30 * 17 };
    static float got[N];
    static double y[N], gauge[N];
    static const int at[7] = {5, 1019, 300, 301, 302, 900, 17};
    const int64_t shape[3] = {2, 30, 17};
    struct compare_tensor tensor = {
        .name = "o", .type = DTYPE_F32, .rank = 3, .shape = shape, .got = got, .expected = y, .gauge = gauge};
    struct compare_bound bound;
    struct compare_result result;

    for (int i = 0; i < N; i++) {
        y[i] = gauge[i] = 1;
        got[i] = 1;
    }
    for (int k = 0; k < 7; k++)
        got[at[k]] = 2 + (float)k;
    got[2] = 0;
    compare_bound_from(&gauge_rule, NULL, 0, &bound);
    compare_judge(&tensor, &gauge_rule, &bound, &result);
    ck_assert_int_eq(result.failing, 8);
    ck_assert_int_eq(result.error.zeros, 1);
    ck_assert_int_eq(result.first.flat, 2);
    ck_assert_uint_eq(result.error.worst_count, 5);
    for (int k = 0; k < 5; k++)
        ck_assert_int_eq(result.error.worst[k].flat, at[6 - k]);
    ck_assert_int_eq(result.error.worst[1].index[0], 1);
    ck_assert_int_eq(result.error.worst[1].index[1], 22);
    ck_assert_int_eq(result.error.worst[1].index[2], 16);
    ck_assert_double_eq(result.error.max_abs, 7);
    ck_assert_double_eq(result.error.max_rel, 7);
    ck_assert_double_eq_tol(result.error.rel_fro, sqrt(1 + 1 + 4 + 9 + 16 + 25 + 36 + 49) / sqrt(N), 1e-12);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("compare");
    TCase *tcase = tcase_create("rule");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, test_honest_algorithms_pass);
    tcase_add_loop_test(tcase, test_panel_is_rejected, 0, PANEL);
    tcase_add_test(tcase, test_rms_gate);
    tcase_add_test(tcase, test_bound);
    tcase_add_test(tcase, test_worst_and_indices);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
