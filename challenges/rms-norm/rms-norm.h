/* SPDX-License-Identifier: MIT */
/* The contract of rms-norm: what a solution includes and the harness calls. Root mean square normalisation (Zhang and
 * Sennrich 2019) of the rows of a row-major matrix, and its gradient. */
#ifndef RMS_NORM_H
#define RMS_NORM_H

#include <stdint.h>

struct rms_norm_params {
    int32_t rows; /* 0 to 65536 */
    int32_t n;    /* columns, 1 to 65536 */
    float eps;    /* 1e-8 to 1, inside the root */
};

/* rstd[i] = 1/sqrt((x[i][0]^2 + ... + x[i][n-1]^2)/n + eps)      y[i][j] = gamma[j]*x[i][j]*rstd[i]
 *
 * x[rows][n] and gamma[n] are only read, finite, and at most 1e6 in magnitude; y[rows][n] and rstd[rows] are written in
 * full. No pointer is NULL, nothing overlaps. Returns 0. */
int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd);

/* The gradient of sum dy*y, with g[j] = gamma[j]*dy[i][j]:
 *
 *   dx[i][j] = rstd[i]*(g[j] - x[i][j]*rstd[i]^2*(g[0]*x[i][0] + ... + g[n-1]*x[i][n-1])/n)
 *   dgamma[j] = dy[0][j]*x[0][j]*rstd[0] + ... + dy[rows-1][j]*x[rows-1][j]*rstd[rows-1]
 *
 * dy[rows][n], x[rows][n], gamma[n] and rstd[rows] are only read, finite, and at most 1e6 in magnitude. rstd is what
 * rms_norm_fwd saved: it is used as given, so p->eps plays no part here. dx[rows][n] and dgamma[n] are written in full:
 * what they hold before does not count, and without rows dgamma is zero. No pointer is NULL, nothing overlaps.
 * Returns 0. */
int rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                 const float *rstd, float *dx, float *dgamma);

#endif
