/* SPDX-License-Identifier: MIT */
/* Layer normalisation (Ba, Kiros, Hinton 2016) over the rows of a row-major [rows][n] array, with its gradient and the
 * gauges of both.
 *
 *   mean = sum_i x_i / n      var = sum_i (x_i - mean)^2 / n      rstd = 1/sqrt(var + eps)
 *   xhat_i = (x_i - mean)*rstd      y_i = gamma_i*xhat_i + beta_i
 *
 * and for the backward pass, with g_i = gamma_i*dy_i and averages taken over the row,
 *
 *   dx_i = rstd*(g_i - avg(g) - xhat_i*avg(g*xhat))      dgamma_i = sum_rows dy_i*xhat_i      dbeta_i = sum_rows dy_i
 *
 * The backward pass takes mean and rstd as given and never recomputes them. No array may overlap another. rows and n
 * may be 0; a row without elements has mean 0 and variance 0. */
#ifndef REFERENCE_NORM_H
#define REFERENCE_NORM_H

#include <stdbool.h>
#include <stddef.h>

#include "reference/real.h"

#define layer_norm_stats          REAL_FN(layer_norm_stats)
#define layer_norm_forward        REAL_FN(layer_norm_forward)
#define layer_norm_forward_plain  REAL_FN(layer_norm_forward_plain)
#define layer_norm_forward_gauge  REAL_FN(layer_norm_forward_gauge)
#define layer_norm_backward       REAL_FN(layer_norm_backward)
#define layer_norm_backward_plain REAL_FN(layer_norm_backward_plain)
#define layer_norm_backward_gauge REAL_FN(layer_norm_backward_gauge)

/* mean[rows] and rstd[rows] in two passes, as the forward pass computes them. */
void layer_norm_stats(size_t rows, size_t n, real eps, const real *x, real *mean, real *rstd);

/* y[rows][n], mean[rows], rstd[rows]. In two passes over a row that stays in the cache, then one that writes y. */
void layer_norm_forward(size_t rows, size_t n, real eps, const real *x, const real *gamma, const real *beta, real *y,
                        real *mean, real *rstd);

/* The same one element after the other, the plain second opinion: the mean from a running sum, the squares from
 * Welford's recurrence (1962). The mean is not Welford's because that is exact on a constant row, where a running sum,
 * which is as good an algorithm, is wrong in proportion to the length of the row. */
void layer_norm_forward_plain(size_t rows, size_t n, real eps, const real *x, const real *gamma, const real *beta,
                              real *y, real *mean, real *rstd);

/* First-order error of the forward outputs in units of the rounding error, for inputs of relative uncertainty one:
 *   mean: avg|x|     y: |gamma|*rstd*(avg|x| + |x - mean|) + |beta|     rstd: rstd*(1 + rstd*avg|x|)
 * The last one holds a second-order term: an error d of the mean moves the variance by d^2, which is not small where
 * avg|x| is far above sqrt(var + eps). It is covered by rstd*avg|x| as long as d*rstd < 1.
 * mean and rstd are the forward pass's; each gauge may be NULL. */
void layer_norm_forward_gauge(size_t rows, size_t n, const real *x, const real *gamma, const real *beta,
                              const real *mean, const real *rstd, real *gauge_y, real *gauge_mean, real *gauge_rstd);

/* dx[rows][n], and dgamma[n], dbeta[n], which are added to their contents when `accumulate`, else overwritten. */
void layer_norm_backward(size_t rows, size_t n, const real *dy, const real *x, const real *gamma, const real *mean,
                         const real *rstd, bool accumulate, real *dx, real *dgamma, real *dbeta);

/* The same with one running sum each, row after row. */
void layer_norm_backward_plain(size_t rows, size_t n, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, bool accumulate, real *dx, real *dgamma,
                               real *dbeta);

/* As layer_norm_forward_gauge, for
 *   dx: rstd*(|g| + avg|g| + |xhat|*avg|g*xhat|)*(1 + rstd*avg|x|)
 *   dgamma: sum_rows |dy|*(|xhat| + rstd*avg|x|)     dbeta: sum_rows |dy|
 * where the terms with rstd*avg|x| are the price of forming x - mean or of folding it into one coefficient.
 * dgamma and dbeta are what the buffers hold before the backward pass; their sizes count when `accumulate`. */
void layer_norm_backward_gauge(size_t rows, size_t n, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, bool accumulate, const real *dgamma,
                               const real *dbeta, real *gauge_dx, real *gauge_dgamma, real *gauge_dbeta);

#endif
