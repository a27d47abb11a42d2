/* SPDX-License-Identifier: MIT */
/* The contract of good-pair. All matrices are row-major. */
#ifndef GOOD_PAIR_H
#define GOOD_PAIR_H

#include <stdint.h>

struct pair_params {
    int32_t rows, n; /* 0 .. 4096 */
    float scale;
};

/* y[rows][n] = scale*x[rows][n] + bias[n]; bias may be NULL. Returns 0. */
int pair_forward(const struct pair_params *p, const float *x, const float *bias, float *y);

/* dx[rows][n] = scale*dy[rows][n]; dbias[n] += column sums of dy; best[n] = first row of the column's maximum, or -1.
 * Returns 0. */
int pair_backward(int32_t rows, int64_t n, float scale, int32_t half, const float *dy, float *dx, float *dbias,
                  int32_t *best);

#endif
