/* SPDX-License-Identifier: MIT */
/* The linear layer y = x W + b and its gradient, for row-major x[rows][in], W[in][out], y[rows][out].
 *
 *   dx = dy W^T      dW = x^T dy      db = sum_rows dy
 *
 * Any size may be 0; no array may overlap another. The plain variants are the same sums as loops in the order of the
 * index, without BLAS. */
#ifndef REFERENCE_LINEAR_H
#define REFERENCE_LINEAR_H

#include <stdbool.h>

#include "reference/real.h"

struct linear_shape {
    size_t rows, in, out;
};

#define linear_forward        REAL_FN(linear_forward)
#define linear_forward_plain  REAL_FN(linear_forward_plain)
#define linear_backward       REAL_FN(linear_backward)
#define linear_backward_plain REAL_FN(linear_backward_plain)

/* y = x W + b; b may be NULL, which is a layer without a bias. */
void linear_forward(const struct linear_shape *shape, const real *x, const real *w, const real *b, real *y);
void linear_forward_plain(const struct linear_shape *shape, const real *x, const real *w, const real *b, real *y);

/* dx is overwritten; dw and db are added to when `accumulate`, else overwritten. Each of the three may be NULL. */
void linear_backward(const struct linear_shape *shape, const real *x, const real *w, const real *dy, bool accumulate,
                     real *dx, real *dw, real *db);
void linear_backward_plain(const struct linear_shape *shape, const real *x, const real *w, const real *dy,
                           bool accumulate, real *dx, real *dw, real *db);

#endif
