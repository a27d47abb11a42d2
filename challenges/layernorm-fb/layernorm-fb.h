/* SPDX-License-Identifier: MIT */
/* Layer normalisation over the rows of a matrix, and its gradient. */
#ifndef LAYERNORM_FB_H
#define LAYERNORM_FB_H

#include <stdint.h>

struct layernorm_params {
    int32_t rows;       /* >= 0 */
    int32_t n;          /* elements of a row, >= 1 */
    int32_t accumulate; /* layernorm_bwd: 0 overwrites dgamma and dbeta, 1 adds to them; layernorm_fwd ignores it */
    float eps;          /* > 0, added to the variance before the square root */
};

/* Forward. For each row r, with the biased variance (divided by n, not n-1):
 *
 *   mean[r] = avg_i x[r][i]
 *   var     = avg_i (x[r][i] - mean[r])^2
 *   rstd[r] = 1/sqrt(var + eps)
 *   y[r][i] = (x[r][i] - mean[r]) * rstd[r] * gamma[i] + beta[i]
 *
 *   x            [rows][n]  read-only, finite; the sum of the squares of a row stays below FLT_MAX
 *   gamma, beta  [n]        read-only
 *   y            [rows][n]  written completely
 *   mean, rstd   [rows]     written completely; layernorm_bwd gets them back */
int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd);

/* Backward. Given dy, the gradient of a loss by y, for each row r
 *
 *   xhat_i   = (x[r][i] - mean[r]) * rstd[r]
 *   g_i      = gamma[i] * dy[r][i]
 *   dx[r][i] = rstd[r] * (g_i - avg_j g_j - xhat_i * avg_j (g_j * xhat_j))
 *
 * and over all rows
 *
 *   dgamma[i]  (= or +=)  sum_r dy[r][i] * xhat[r][i]
 *   dbeta[i]   (= or +=)  sum_r dy[r][i]
 *
 *   dy, x        [rows][n]  read-only; x as above
 *   gamma        [n]        read-only
 *   mean, rstd   [rows]     read-only: those of x, each rounded to float32 once. The gradient is defined by these
 *                           numbers, as the formulas above use them; they belong to x up to that rounding, so nothing
 *                           needs to be computed again.
 *   dx           [rows][n]  written completely
 *   dgamma,dbeta [n]        accumulate = 1: the sums are added to what is there. accumulate = 0: overwritten, and what
 *                           is there (any finite numbers) has no influence. With rows = 0 the sums are 0.
 *
 * In both functions no pointer is NULL unless its array has no elements, arrays do not overlap, and they are aligned to
 * 4 bytes at least. Both return 0. Results smaller in magnitude than FLT_MIN may be flushed to 0.
 *
 * Sources: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", arXiv:1607.06450, 2016; for sums of squares in
 * one pass, B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
 * Technometrics 4(3), 1962. */
int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta);

#endif
