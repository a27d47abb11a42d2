/* SPDX-License-Identifier: MIT */
/* The GPT's loss on rows of all sizes of logits: against long double, and against reference/xent.h, which is the same
 * function by other code. */
#define REAL_IS_DOUBLE 1
#include "reference/gpt_loss.h"

#include <check.h>
#include <string.h>

#include "reference/xent.h"

/* The float32 build is linked as well; its header would redefine `real`. */
float nll_mean_f32(size_t rows, size_t v, const int32_t *target, float *x);
float nll_mean_plain_f32(size_t rows, size_t v, const int32_t *target, float *x);

enum { ROWS = 9, MOST = 70, COUNT = ROWS * MOST };

struct problem {
    size_t rows, v;
    double x[COUNT], gradient[COUNT], loss;
    int32_t target[ROWS];
};

static void problem_make(struct problem *p, size_t rows, size_t v, double size) {
    *p = (struct problem){.rows = rows, .v = v};
    uint64_t state = 11;
    for (size_t i = 0; i < rows * v; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        p->x[i] = (float)(size * ((double)(state >> 33) / 0x1p30 - 1));
    }
    long double total = 0;
    for (size_t r = 0; r < rows; r++) {
        const double *x = p->x + r * v;
        p->target[r] = (int32_t)(r * 5 % v);
        long double sum = 0;
        for (size_t j = 0; j < v; j++)
            sum += expl((long double)x[j] - x[p->target[r]]);
        for (size_t j = 0; j < v; j++)
            p->gradient[r * v + j] =
                (double)((expl((long double)x[j] - x[p->target[r]]) / sum - ((int32_t)j == p->target[r] ? 1 : 0)) /
                         (long double)rows);
        total += logl(sum) / (long double)rows;
    }
    p->loss = (double)total;
}

/* The gauges are those of reference/xent.h with the size of the logits put in for every difference. */
static void check(const struct problem *p, double size, double unit, double loss, const double *gradient) {
    double bound = 4 * unit * (3 + log((double)p->v) + 4 * size);
    ck_assert_double_le(fabs(loss - p->loss), bound);
    for (size_t i = 0; i < p->rows * p->v; i++)
        ck_assert_double_le(fabs(gradient[i] - p->gradient[i]), bound / (double)p->rows);
}

static const struct {
    size_t rows, v;
    double size;
} cases[] = {{1, 1, 3}, {3, 2, 300}, {ROWS, 64, 4}, {ROWS, MOST, 0}, {4, 17, 80}, {5, MOST, 1e-3}, {2, 33, 3000}};
enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(all_four_agree_with_the_definition) {
    struct problem p;
    double size = cases[_i].size;
    problem_make(&p, cases[_i].rows, cases[_i].v, size);
    for (int plain = 0; plain < 2; plain++) {
        double x[COUNT];
        float xf[COUNT];
        memcpy(x, p.x, sizeof x);
        for (size_t i = 0; i < COUNT; i++)
            xf[i] = (float)x[i];
        double loss = (plain ? nll_mean_plain : nll_mean)(p.rows, p.v, p.target, x);
        check(&p, size, 0x1p-53, loss, x);
        double narrow = (double)(plain ? nll_mean_plain_f32 : nll_mean_f32)(p.rows, p.v, p.target, xf);
        for (size_t i = 0; i < COUNT; i++)
            x[i] = (double)xf[i];
        check(&p, size, 0x1p-24, narrow, x);
    }
}
END_TEST

START_TEST(it_is_the_mean_of_xent) {
    struct problem p;
    problem_make(&p, ROWS, 64, 6);
    double x[COUNT], loss[ROWS], gradient[COUNT], mean = 0;
    memcpy(x, p.x, sizeof x);
    xent(&(struct xent_shape){ROWS, 64, 64, -1, 0}, p.x, p.target, loss, gradient);
    for (size_t r = 0; r < ROWS; r++)
        mean += loss[r] / ROWS;
    ck_assert_double_le(fabs(nll_mean(ROWS, 64, p.target, x) - mean), 1e-14);
    for (size_t i = 0; i < ROWS * 64; i++)
        ck_assert_double_le(fabs(x[i] - gradient[i]), 1e-16);
}
END_TEST

START_TEST(no_rows_have_no_loss_and_nan_stays) {
    double x[3] = {1, NAN, 2}, infinite[3] = {1, INFINITY, 2};
    const int32_t target[] = {0};
    ck_assert(nll_mean(0, 3, NULL, x) == 0);
    ck_assert(nll_mean_plain(0, 3, NULL, x) == 0);
    ck_assert(isnan(nll_mean(1, 3, target, x)));
    ck_assert(isnan(nll_mean(1, 3, target, infinite)));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gpt_loss");
    TCase *tests = tcase_create("gpt_loss");
    tcase_add_loop_test(tests, all_four_agree_with_the_definition, 0, CASES);
    tcase_add_test(tests, it_is_the_mean_of_xent);
    tcase_add_test(tests, no_rows_have_no_loss_and_nan_stays);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
