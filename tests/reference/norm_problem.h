/* SPDX-License-Identifier: MIT */
/* A layer normalisation problem with its answers by long double loops that share no code with reference/norm.c, and the
 * gauges by the formulas of reference/norm.h. */
#ifndef TESTS_REFERENCE_NORM_PROBLEM_H
#define TESTS_REFERENCE_NORM_PROBLEM_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 11, LONG = 2061, TENSORS = 6 };

/* Shapes around the widths of the loops: lanes of 8 and 16, blocks of 32 and 64, groups of 4 rows from 2048 on. */
static const struct shape {
    size_t rows, n;
} shapes[] = {{0, 5}, {1, 1}, {3, 2}, {4, 7}, {7, 31}, {5, 64}, {9, 100}, {4, 2048}, {ROWS, LONG}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* The outputs of both directions in this order: y, mean, rstd, dx, dgamma, dbeta. */
enum output { Y, MEAN, RSTD, DX, DGAMMA, DBETA };

struct answer {
    double value[TENSORS][ROWS * LONG];
};

struct problem {
    size_t rows, n;
    double eps;
    bool accumulate;
    double x[ROWS * LONG], dy[ROWS * LONG], gamma[LONG], beta[LONG]; /* numbers that float32 holds exactly */
    double mean[ROWS], rstd[ROWS];                                   /* what the backward pass is given: likewise */
    double old_dgamma[LONG], old_dbeta[LONG];
    struct answer truth, gauge;
};

static inline size_t count_of(const struct problem *p, enum output t) {
    return t == Y || t == DX ? p->rows * p->n : t == MEAN || t == RSTD ? p->rows : p->n;
}

static inline double random_normal(uint64_t *state) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(*state >> 33) / 0x1p31;
    }
    return (double)(float)(sum - 6);
}

static inline void solve_forward_row(struct problem *p, size_t r) {
    const double *x = p->x + r * p->n;
    long double n = (long double)p->n, mean = 0, size = 0, variance = 0;
    for (size_t i = 0; i < p->n; i++) {
        mean += x[i] / n;
        size += fabsl(x[i]) / n;
    }
    for (size_t i = 0; i < p->n; i++)
        variance += (x[i] - mean) * (x[i] - mean) / n;
    long double rstd = 1 / sqrtl(variance + p->eps);
    p->truth.value[MEAN][r] = (double)mean;
    p->truth.value[RSTD][r] = (double)rstd;
    p->gauge.value[MEAN][r] = (double)size;
    p->gauge.value[RSTD][r] = (double)(rstd * (1 + rstd * size));
    for (size_t i = 0; i < p->n; i++) {
        p->truth.value[Y][r * p->n + i] = (double)(p->gamma[i] * (x[i] - mean) * rstd + p->beta[i]);
        p->gauge.value[Y][r * p->n + i] =
            (double)(fabsl(p->gamma[i]) * rstd * (size + fabsl(x[i] - mean)) + fabsl(p->beta[i]));
    }
    p->mean[r] = (float)mean;
    p->rstd[r] = (float)rstd;
}

static inline void solve_backward_row(struct problem *p, size_t r) {
    const double *x = p->x + r * p->n, *dy = p->dy + r * p->n;
    long double n = (long double)p->n, g = 0, gx = 0, g_size = 0, gx_size = 0;
    long double mean = p->mean[r], rstd = p->rstd[r], reach = rstd * p->gauge.value[MEAN][r];
    for (size_t i = 0; i < p->n; i++) {
        long double each = (long double)p->gamma[i] * dy[i], xhat = (x[i] - mean) * rstd;
        g += each / n;
        gx += each * xhat / n;
        g_size += fabsl(each) / n;
        gx_size += fabsl(each * xhat) / n;
        p->truth.value[DGAMMA][i] += (double)(dy[i] * xhat);
        p->truth.value[DBETA][i] += dy[i];
        p->gauge.value[DGAMMA][i] += (double)(fabsl(dy[i]) * (fabsl(xhat) + reach));
        p->gauge.value[DBETA][i] += fabs(dy[i]);
    }
    for (size_t i = 0; i < p->n; i++) {
        long double each = (long double)p->gamma[i] * dy[i], xhat = (x[i] - mean) * rstd;
        p->truth.value[DX][r * p->n + i] = (double)(rstd * (each - g - xhat * gx));
        p->gauge.value[DX][r * p->n + i] =
            (double)(rstd * (fabsl(each) + g_size + fabsl(xhat) * gx_size) * (1 + reach));
    }
}

/* Rows of different scale and offset; the second is constant. */
static inline struct problem *problem_new(struct shape shape, bool accumulate, uint64_t seed) {
    struct problem *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    p->rows = shape.rows;
    p->n = shape.n;
    p->eps = 1e-5f;
    p->accumulate = accumulate;
    for (size_t i = 0; i < p->rows * p->n; i++) {
        size_t r = i / p->n;
        p->x[i] = r == 1 ? 3.7f : (float)(10.0 * (double)r + ldexp(random_normal(&seed), 1 - 2 * (int)r));
        p->dy[i] = random_normal(&seed);
    }
    for (size_t i = 0; i < p->n; i++) {
        p->gamma[i] = random_normal(&seed);
        p->beta[i] = random_normal(&seed);
        p->old_dgamma[i] = 4 * random_normal(&seed);
        p->old_dbeta[i] = 4 * random_normal(&seed);
        p->truth.value[DGAMMA][i] = accumulate ? p->old_dgamma[i] : 0;
        p->truth.value[DBETA][i] = accumulate ? p->old_dbeta[i] : 0;
        p->gauge.value[DGAMMA][i] = fabs(p->truth.value[DGAMMA][i]);
        p->gauge.value[DBETA][i] = fabs(p->truth.value[DBETA][i]);
    }
    for (size_t r = 0; r < p->rows; r++) {
        solve_forward_row(p, r);
        solve_backward_row(p, r);
    }
    return p;
}

static inline struct answer *answer_new(const struct problem *p) {
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t i = 0; i < ROWS * LONG; i++)
            a->value[t][i] = NAN;
    memcpy(a->value[DGAMMA], p->old_dgamma, sizeof p->old_dgamma);
    memcpy(a->value[DBETA], p->old_dbeta, sizeof p->old_dbeta);
    return a;
}

#endif
