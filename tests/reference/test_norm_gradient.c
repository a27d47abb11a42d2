/* SPDX-License-Identifier: MIT */
/* The gradient of layer normalisation against the complex step, which subtracts nothing and so is exact to rounding.
 * And identities: row sums of dx vanish when gamma is 1, dgamma and dbeta are additive over the rows, the gradient is
 * linear in dy. */
#define REAL_IS_DOUBLE 1
#include "reference/norm.h"

#include <complex.h>

#include "tests/reference/norm_problem.h"

/* Derivative of sum(dy*y) along (v, vg, vb) by one step of size 1e-30 along the imaginary axis. */
static double complex_step(const struct problem *p, const double *v, const double *vg, const double *vb) {
    double derivative = 0, h = 1e-30;
    for (size_t r = 0; r < p->rows; r++) {
        double complex mean = 0, variance = 0;
        for (size_t i = r * p->n; i < (r + 1) * p->n; i++)
            mean += (p->x[i] + I * h * v[i]) / (double)p->n;
        for (size_t i = r * p->n; i < (r + 1) * p->n; i++)
            variance += (p->x[i] + I * h * v[i] - mean) * (p->x[i] + I * h * v[i] - mean) / (double)p->n;
        for (size_t i = r * p->n, k = 0; k < p->n; i++, k++) {
            double complex xhat = (p->x[i] + I * h * v[i] - mean) / csqrt(variance + p->eps);
            double complex y = (p->gamma[k] + I * h * vg[k]) * xhat + p->beta[k] + I * h * vb[k];
            derivative += p->dy[i] * (cimag(y) / h);
        }
    }
    return derivative;
}

/* <dy, J v> = <J^T dy, v>, with the left side by complex step. With one coordinate set in v this is that element. */
static void check_direction(const struct problem *p, const double *v, const double *vg, const double *vb) {
    double mean[ROWS], rstd[ROWS], *dx = calloc(3 * ROWS * LONG, sizeof *dx);
    double *dgamma = dx + ROWS * LONG, *dbeta = dgamma + ROWS * LONG, adjoint = 0, size = 0;

    ck_assert_ptr_nonnull(dx);
    layer_norm_stats(p->rows, p->n, p->eps, p->x, mean, rstd);
    layer_norm_backward(p->rows, p->n, p->dy, p->x, p->gamma, mean, rstd, false, dx, dgamma, dbeta);
    for (size_t i = 0; i < p->rows * p->n; i++) {
        adjoint += dx[i] * v[i];
        size += p->gauge.value[DX][i] * fabs(v[i]);
    }
    for (size_t k = 0; k < p->n; k++) {
        adjoint += dgamma[k] * vg[k] + dbeta[k] * vb[k];
        size += p->gauge.value[DGAMMA][k] * fabs(vg[k]) + p->gauge.value[DBETA][k] * fabs(vb[k]);
    }
    ck_assert_double_le(fabs(complex_step(p, v, vg, vb) - adjoint), 1e-14 * size);
    free(dx);
}

START_TEST(test_gradient_is_the_complex_step_in_every_coordinate) {
    struct problem *p = problem_new((struct shape){5, 12}, false, 5);
    static const double none[5 * 12];
    for (size_t i = 0; i < p->rows * p->n; i++) {
        double v[5 * 12] = {0};
        v[i] = 1;
        check_direction(p, v, none, none);
        check_direction(p, none, i < p->n ? v : none, i >= p->n && i < 2 * p->n ? v + p->n : none);
    }
    free(p);
}
END_TEST

START_TEST(test_gradient_is_the_complex_step_along_directions) {
    struct problem *p = problem_new((struct shape){ROWS, LONG}, false, 6);
    double *v = malloc((ROWS + 2) * LONG * sizeof *v);
    uint64_t seed = 40 + (uint64_t)_i;

    ck_assert_ptr_nonnull(v);
    for (size_t i = 0; i < (ROWS + 2) * LONG; i++)
        v[i] = random_normal(&seed);
    check_direction(p, v, v + ROWS * LONG, v + (ROWS + 1) * LONG);
    free(v), free(p);
}
END_TEST

START_TEST(test_gradient_is_orthogonal_to_shifts) {
    struct problem *p = problem_new((struct shape){ROWS, LONG}, false, 8);
    for (size_t i = 0; i < p->n; i++)
        p->gamma[i] = 1;
    struct answer *a = answer_new(p);
    layer_norm_backward(p->rows, p->n, p->dy, p->x, p->gamma, p->mean, p->rstd, false, a->value[DX], a->value[DGAMMA],
                        a->value[DBETA]);
    for (size_t r = 0; r < p->rows; r++) {
        double sum = 0, size = 0;
        for (size_t i = r * p->n; i < (r + 1) * p->n; i++) {
            sum += a->value[DX][i];
            size += p->rstd[r] * fabs(p->dy[i]);
        }
        /* The given mean is rounded to float32, so xhat does not quite sum to 0. */
        ck_assert_double_le(fabs(sum), 0x1p-23 * size * (1 + p->rstd[r] * fabs(p->mean[r])));
    }
    free(a), free(p);
}
END_TEST

/* Two calls over parts of the rows against the whole; then the second again with dy times -4, a power of two, so that
 * every product scales exactly. */
START_TEST(test_gradient_is_linear_and_additive_over_rows) {
    struct problem *p = problem_new(shapes[_i], true, 9);
    struct answer *parts = answer_new(p);
    size_t split = p->rows / 3, rest = split * p->n;

    layer_norm_backward(split, p->n, p->dy, p->x, p->gamma, p->mean, p->rstd, true, parts->value[DX],
                        parts->value[DGAMMA], parts->value[DBETA]);
    layer_norm_backward(p->rows - split, p->n, p->dy + rest, p->x + rest, p->gamma, p->mean + split, p->rstd + split,
                        true, parts->value[DX] + rest, parts->value[DGAMMA], parts->value[DBETA]);
    memcpy(p->truth.value[Y], parts->value[DX], sizeof parts->value[DX]);
    for (enum output t = DX; t <= DBETA; t++)
        for (size_t i = 0; i < count_of(p, t); i++)
            ck_assert_double_le(fabs(parts->value[t][i] - p->truth.value[t][i]), 0x1p-50 * p->gauge.value[t][i]);

    for (size_t i = rest; i < p->rows * p->n; i++)
        p->dy[i] *= -4;
    layer_norm_backward(p->rows - split, p->n, p->dy + rest, p->x + rest, p->gamma, p->mean + split, p->rstd + split,
                        false, parts->value[DX] + rest, parts->value[DGAMMA], parts->value[DBETA]);
    for (size_t i = rest; i < p->rows * p->n; i++)
        ck_assert(parts->value[DX][i] == -4 * p->truth.value[Y][i]);
    free(parts), free(p);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("norm_gradient");
    TCase *gradients = tcase_create("gradients");

    tcase_add_test(gradients, test_gradient_is_the_complex_step_in_every_coordinate);
    tcase_add_loop_test(gradients, test_gradient_is_the_complex_step_along_directions, 0, 8);
    tcase_add_test(gradients, test_gradient_is_orthogonal_to_shifts);
    tcase_add_loop_test(gradients, test_gradient_is_linear_and_additive_over_rows, 0, SHAPES);
    suite_add_tcase(suite, gradients);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
