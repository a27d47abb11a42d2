/* SPDX-License-Identifier: MIT */
/* The reference of rms-norm, compiled twice: with real = double it is the oracle, the truth that answers are held to;
 * with real = float it is the baseline, the speed to beat and the first measure of what float32 rounding costs.
 *
 * The sum under the root has no negative terms, so nothing cancels in the forward pass: rstd moves by half of what v
 * does and by its own rounding, and y by two products more. In dx two terms may cancel, and the sum in one of them. */
#include "rms-norm.h"

#include "reference/real.h"

enum { LANES = 32 };

/* sum a*b*c, with a == NULL for ones, in LANES sums side by side: in one chain each addition waits
 * for the one before. */
static real sum_products(const real *a, const real *b, const real *c, size_t n) {
    const size_t whole = n / LANES * LANES;
    real part[LANES] = {0}, sum = 0;
    for (size_t j = 0; j < whole; j += LANES)
        for (size_t l = 0; l < LANES; l++)
            part[l] += (a == NULL ? 1 : a[j + l]) * b[j + l] * c[j + l];
    for (size_t j = whole; j < n; j++)
        sum += (a == NULL ? 1 : a[j]) * b[j] * c[j];
    for (size_t l = 0; l < LANES; l++)
        sum += part[l];
    return sum;
}

/* v = mean(x^2) + eps has the gauge v, so rstd has rstd^3*v/2 + rstd = 1.5*rstd, and y = (gamma*x)*rstd has
 * |gamma*x|*1.5*rstd + rstd*|gamma*x|. */
int reference_rms_norm_fwd(const struct rms_norm_params *p, const real *x, const real *gamma, real *y, real *rstd,
                           real *gauge_y, real *gauge_rstd) {
    const size_t rows = (size_t)p->rows, n = (size_t)p->n;
    for (size_t i = 0; i < rows; i++) {
        const real *from = x + i * n;
        real *to = y + i * n;
        const real r = 1 / real_sqrt(sum_products(NULL, from, from, n) / (real)n + (real)p->eps);
        rstd[i] = r;
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            to[j] = gamma[j] * (from[j] * r);
    }
    for (size_t k = 0; gauge_y != NULL && k < rows * n; k++)
        gauge_y[k] = (real)2.5 * real_fabs(y[k]);
    for (size_t i = 0; gauge_rstd != NULL && i < rows; i++)
        gauge_rstd[i] = (real)1.5 * rstd[i];
    return 0;
}

/* dx = rstd*g - x*c with c = rstd^3*avg(g*x). A sum of products has the sum of their magnitudes for a gauge, so c has
 * rstd^3*avg|g*x|, and the product x*c has |x| times that and |x*c|. */
static void gauges_bwd(const struct rms_norm_params *p, const real *dy, const real *x, const real *gamma,
                       const real *rstd, real *gauge_dx, real *gauge_dgamma) {
    const size_t rows = (size_t)p->rows, n = (size_t)p->n;
    for (size_t j = 0; gauge_dgamma != NULL && j < n; j++)
        gauge_dgamma[j] = 0;
    for (size_t i = 0; i < rows; i++) {
        const real r = rstd[i];
        real sum = 0, size = 0;
        for (size_t k = i * n; k < (i + 1) * n; k++) {
            const real term = gamma[k - i * n] * dy[k] * x[k];
            sum += term;
            size += real_fabs(term);
        }
        const real gauge_c = r * r * r * (size + real_fabs(sum)) / (real)n;
        for (size_t j = 0, k = i * n; j < n; j++, k++) {
            if (gauge_dx != NULL)
                gauge_dx[k] = r * real_fabs(gamma[j] * dy[k]) + real_fabs(x[k]) * gauge_c;
            if (gauge_dgamma != NULL)
                gauge_dgamma[j] += real_fabs(dy[k] * x[k] * r);
        }
    }
}

int reference_rms_norm_bwd(const struct rms_norm_params *p, const real *dy, const real *x, const real *gamma,
                           const real *rstd, real *dx, real *dgamma, real *gauge_dx, real *gauge_dgamma) {
    const size_t rows = (size_t)p->rows, n = (size_t)p->n;
    for (size_t j = 0; j < n; j++)
        dgamma[j] = 0;
    for (size_t i = 0; i < rows; i++) {
        const real *from = x + i * n, *up = dy + i * n;
        real *to = dx + i * n;
        const real r = rstd[i], c = r * r * (sum_products(gamma, up, from, n) / (real)n);
#pragma omp simd
        for (size_t j = 0; j < n; j++) {
            const real d = up[j], xhat = from[j] * r;
            dgamma[j] += d * xhat;
            to[j] = gamma[j] * d * r - xhat * c;
        }
    }
    if (gauge_dx != NULL || gauge_dgamma != NULL)
        gauges_bwd(p, dy, x, gamma, rstd, gauge_dx, gauge_dgamma);
    return 0;
}

/* Another plain algorithm, the second measure of rounding: one running mean from the end, a root that divides. */
int plain_rms_norm_fwd(const struct rms_norm_params *p, const real *x, const real *gamma, real *y, real *rstd) {
    const size_t rows = (size_t)p->rows, n = (size_t)p->n;
    for (size_t i = 0; i < rows; i++) {
        real square = 0;
        for (size_t j = n; j-- > 0;)
            square += x[i * n + j] * x[i * n + j] / (real)n;
        const real root = real_sqrt(square + (real)p->eps);
        rstd[i] = 1 / root;
        for (size_t j = 0; j < n; j++)
            y[i * n + j] = gamma[j] * x[i * n + j] / root;
    }
    return 0;
}

/* From the normalised rows xhat = x*rstd, dgamma column by column from the last row up. */
int plain_rms_norm_bwd(const struct rms_norm_params *p, const real *dy, const real *x, const real *gamma,
                       const real *rstd, real *dx, real *dgamma) {
    const size_t rows = (size_t)p->rows, n = (size_t)p->n;
    for (size_t i = 0; i < rows; i++) {
        real mean = 0;
        for (size_t j = n; j-- > 0;)
            mean += gamma[j] * dy[i * n + j] * (x[i * n + j] * rstd[i]) / (real)n;
        for (size_t j = 0; j < n; j++)
            dx[i * n + j] = rstd[i] * (gamma[j] * dy[i * n + j] - x[i * n + j] * rstd[i] * mean);
    }
    for (size_t j = 0; j < n; j++) {
        dgamma[j] = 0;
        for (size_t i = rows; i-- > 0;)
            dgamma[j] += dy[i * n + j] * (x[i * n + j] * rstd[i]);
    }
    return 0;
}

/* rstd as the forward pass saves it. */
int generate_saved_rstd(const struct rms_norm_params *p, real *dy, real *x, real *gamma, real *rstd, real *dx,
                        real *dgamma) {
    const size_t n = (size_t)p->n;
    (void)dy, (void)gamma, (void)dx, (void)dgamma;
    for (size_t i = 0; i < (size_t)p->rows; i++)
        rstd[i] = 1 / real_sqrt(sum_products(NULL, x + i * n, x + i * n, n) / (real)n + (real)p->eps);
    return 0;
}

/* sum dy*y at x + dx and gamma + dgamma. There 1/rstd^2 is what was given and the change of mean(x^2), which makes rstd
 * a function of x even where what was given is rounded, or of another eps. */
real objective_rms_norm_bwd(const struct rms_norm_params *p, const real *dy, const real *x, const real *gamma,
                            const real *rstd, const real *dx, const real *dgamma) {
    const size_t n = (size_t)p->n;
    real sum = 0;
    for (size_t i = 0; i < (size_t)p->rows; i++) {
        real change = 0, dot = 0;
        for (size_t j = 0, k = i * n; j < n; j++, k++) {
            change += dx[k] * (2 * x[k] + dx[k]) / (real)n;
            dot += dy[k] * (gamma[j] + dgamma[j]) * (x[k] + dx[k]);
        }
        sum += dot / real_sqrt(1 / (rstd[i] * rstd[i]) + change);
    }
    return sum;
}
