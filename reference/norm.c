/* SPDX-License-Identifier: MIT */
/* Layer normalisation. The passes are limited by memory, so each works on a row while it is in the cache. Sums by BLAS
 * (a dot product with ones, a transposed gemv for dbeta) were measured and lose to these fused loops by 1.2 to 2 times,
 * because every call reads the row once more. */
#include "reference/norm.h"

#include <string.h>

#include "reference/stream.h"

/* 64 bytes of reals, at any address: four of them in flight hide the latency of an addition. */
enum { LANES = 64 / sizeof(real), BLOCK = 4 * LANES };
typedef real lanes __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));

/* From this row length on the sums over rows no longer fit the first-level cache beside the row itself, and
 * rows are taken four at a time so that each load and store of dgamma and dbeta serves four of them. */
enum { WIDE_ROW = 2048, GROUP = 4 };

static inline real lanes_sum(const lanes *v) {
    real part[LANES];
    memcpy(part, v, sizeof part);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            part[i] += part[i + half];
    return part[0];
}

static real row_sum(size_t n, const real *x) {
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        a += *(const lanes *)(x + i);
        b += *(const lanes *)(x + i + LANES);
        c += *(const lanes *)(x + i + 2 * LANES);
        d += *(const lanes *)(x + i + 3 * LANES);
    }
    for (; i + LANES <= n; i += LANES)
        a += *(const lanes *)(x + i);
    a = (a + b) + (c + d);
    real sum = lanes_sum(&a);
    for (; i < n; i++)
        sum += x[i];
    return sum;
}

/* sum_i (x_i - centre)^2 */
static real row_squares(size_t n, const real *x, real centre) {
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        lanes p = *(const lanes *)(x + i) - centre, q = *(const lanes *)(x + i + LANES) - centre;
        lanes r = *(const lanes *)(x + i + 2 * LANES) - centre, s = *(const lanes *)(x + i + 3 * LANES) - centre;
        a += p * p;
        b += q * q;
        c += r * r;
        d += s * s;
    }
    for (; i + LANES <= n; i += LANES) {
        lanes p = *(const lanes *)(x + i) - centre;
        a += p * p;
    }
    a = (a + b) + (c + d);
    real sum = lanes_sum(&a);
    for (; i < n; i++)
        sum += (x[i] - centre) * (x[i] - centre);
    return sum;
}

static void row_stats(size_t n, real eps, const real *x, real *mean, real *rstd) {
    real count = n > 0 ? (real)n : 1;
    *mean = row_sum(n, x) / count;
    *rstd = 1 / real_sqrt(row_squares(n, x, *mean) / count + eps);
}

void layer_norm_stats(size_t rows, size_t n, real eps, const real *x, real *mean, real *rstd) {
    for (size_t r = 0; r < rows; r++)
        row_stats(n, eps, x + r * n, &mean[r], &rstd[r]);
}

static void row_affine(size_t n, const real *restrict x, real mean, real rstd, const real *restrict gamma,
                       const real *restrict beta, real *restrict y) {
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - mean) * rstd * gamma[i] + beta[i];
}

/* The same past the cache. */
static void row_affine_past(size_t n, const real *restrict x, real mean, real rstd, const real *restrict gamma,
                            const real *restrict beta, real *restrict y) {
    size_t i = 0;
    for (; i < n && !stream_fits(y + i); i++)
        y[i] = (x[i] - mean) * rstd * gamma[i] + beta[i];
    for (; i + STREAM_LANES <= n; i += STREAM_LANES)
        stream_store(y + i, (stream_load(x + i) - mean) * rstd * stream_load(gamma + i) + stream_load(beta + i));
    for (; i < n; i++)
        y[i] = (x[i] - mean) * rstd * gamma[i] + beta[i];
}

void layer_norm_forward(size_t rows, size_t n, real eps, const real *x, const real *gamma, const real *beta, real *y,
                        real *mean, real *rstd) {
    const bool past = stream_pays(rows * n);
    for (size_t r = 0; r < rows; r++) {
        row_stats(n, eps, x + r * n, &mean[r], &rstd[r]);
        (past ? row_affine_past : row_affine)(n, x + r * n, mean[r], rstd[r], gamma, beta, y + r * n);
    }
    stream_end();
}

void layer_norm_forward_plain(size_t rows, size_t n, real eps, const real *x, const real *gamma, const real *beta,
                              real *y, real *mean, real *rstd) {
    for (size_t r = 0; r < rows; r++) {
        const real *xr = x + r * n;
        real *yr = y + r * n;
        real sum = 0, centre = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            real step = xr[i] - centre;
            sum += xr[i];
            centre += step / (real)(i + 1);
            squares += step * (xr[i] - centre);
        }
        mean[r] = n > 0 ? sum / (real)n : 0;
        rstd[r] = 1 / real_sqrt((n > 0 ? squares / (real)n : 0) + eps);
        for (size_t i = 0; i < n; i++)
            yr[i] = gamma[i] * ((xr[i] - mean[r]) * rstd[r]) + beta[i];
    }
}

static real row_mean_size(size_t n, const real *x) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += real_fabs(x[i]);
    return n > 0 ? sum / (real)n : 0;
}

void layer_norm_forward_gauge(size_t rows, size_t n, const real *x, const real *gamma, const real *beta,
                              const real *mean, const real *rstd, real *gauge_y, real *gauge_mean, real *gauge_rstd) {
    for (size_t r = 0; r < rows; r++) {
        const real *xr = x + r * n;
        real size = row_mean_size(n, xr);
        if (gauge_mean != NULL)
            gauge_mean[r] = size;
        if (gauge_rstd != NULL)
            gauge_rstd[r] = rstd[r] * (1 + rstd[r] * size);
        for (size_t i = 0; gauge_y != NULL && i < n; i++)
            gauge_y[r * n + i] =
                real_fabs(gamma[i]) * rstd[r] * (size + real_fabs(xr[i] - mean[r])) + real_fabs(beta[i]);
    }
}

/* What the gradient of a row needs beside its elements: averages are sums until row_gradient divides them. */
struct row_terms {
    real mean, rstd;
    real sum_g, sum_gx; /* sums over the row of gamma*dy and gamma*dy*xhat */
};

/* Adds one row to dgamma and dbeta and makes its sums, in one pass. */
static void row_reduce(size_t n, const real *restrict dy, const real *restrict x, const real *restrict gamma,
                       struct row_terms *terms, real *restrict dgamma, real *restrict dbeta) {
    real mean = terms->mean, rstd = terms->rstd, sum_g = 0, sum_gx = 0;
#pragma omp simd reduction(+ : sum_g, sum_gx)
    for (size_t i = 0; i < n; i++) {
        real xhat = (x[i] - mean) * rstd, g = dy[i] * gamma[i];
        sum_g += g;
        sum_gx += g * xhat;
        dgamma[i] += dy[i] * xhat;
        dbeta[i] += dy[i];
    }
    terms->sum_g = sum_g;
    terms->sum_gx = sum_gx;
}

/* The same for GROUP rows that follow each other. */
static void group_reduce(size_t n, const real *restrict dy, const real *restrict x, const real *restrict gamma,
                         struct row_terms *terms, real *restrict dgamma, real *restrict dbeta) {
    const real *xa = x, *xb = x + n, *xc = x + 2 * n, *xd = x + 3 * n;
    const real *ya = dy, *yb = dy + n, *yc = dy + 2 * n, *yd = dy + 3 * n;
    real ma = terms[0].mean, mb = terms[1].mean, mc = terms[2].mean, md = terms[3].mean;
    real ra = terms[0].rstd, rb = terms[1].rstd, rc = terms[2].rstd, rd = terms[3].rstd;
    real ga = 0, gb = 0, gc = 0, gd = 0, ha = 0, hb = 0, hc = 0, hd = 0;
#pragma omp simd reduction(+ : ga, gb, gc, gd, ha, hb, hc, hd)
    for (size_t i = 0; i < n; i++) {
        real pa = ya[i] * ((xa[i] - ma) * ra), pb = yb[i] * ((xb[i] - mb) * rb);
        real pc = yc[i] * ((xc[i] - mc) * rc), pd = yd[i] * ((xd[i] - md) * rd);
        ga += ya[i] * gamma[i];
        gb += yb[i] * gamma[i];
        gc += yc[i] * gamma[i];
        gd += yd[i] * gamma[i];
        ha += pa * gamma[i];
        hb += pb * gamma[i];
        hc += pc * gamma[i];
        hd += pd * gamma[i];
        dgamma[i] += (pa + pb) + (pc + pd);
        dbeta[i] += (ya[i] + yb[i]) + (yc[i] + yd[i]);
    }
    const real sum_g[GROUP] = {ga, gb, gc, gd}, sum_gx[GROUP] = {ha, hb, hc, hd};
    for (size_t k = 0; k < GROUP; k++) {
        terms[k].sum_g = sum_g[k];
        terms[k].sum_gx = sum_gx[k];
    }
}

static void row_gradient(size_t n, const real *restrict dy, const real *restrict x, const real *restrict gamma,
                         const struct row_terms *terms, real *restrict dx) {
    real mean = terms->mean, rstd = terms->rstd;
    real avg_g = terms->sum_g / (real)n, avg_gx = terms->sum_gx / (real)n;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        dx[i] = rstd * (dy[i] * gamma[i] - avg_g - (x[i] - mean) * rstd * avg_gx);
}

static void row_gradient_past(size_t n, const real *restrict dy, const real *restrict x, const real *restrict gamma,
                              const struct row_terms *terms, real *restrict dx) {
    real mean = terms->mean, rstd = terms->rstd;
    real avg_g = terms->sum_g / (real)n, avg_gx = terms->sum_gx / (real)n;
    size_t i = 0;
    for (; i < n && !stream_fits(dx + i); i++)
        dx[i] = rstd * (dy[i] * gamma[i] - avg_g - (x[i] - mean) * rstd * avg_gx);
    for (; i + STREAM_LANES <= n; i += STREAM_LANES) {
        const stream_lanes g = stream_load(dy + i) * stream_load(gamma + i);
        stream_store(dx + i, rstd * (g - avg_g - (stream_load(x + i) - mean) * rstd * avg_gx));
    }
    for (; i < n; i++)
        dx[i] = rstd * (dy[i] * gamma[i] - avg_g - (x[i] - mean) * rstd * avg_gx);
}

static void clear_unless(bool keep, size_t n, real *v) {
    if (!keep && n > 0)
        memset(v, 0, n * sizeof *v);
}

void layer_norm_backward(size_t rows, size_t n, const real *dy, const real *x, const real *gamma, const real *mean,
                         const real *rstd, bool accumulate, real *dx, real *dgamma, real *dbeta) {
    clear_unless(accumulate, n, dgamma);
    clear_unless(accumulate, n, dbeta);
    const bool past = stream_pays(rows * n);
    for (size_t r = 0; r < rows;) {
        size_t group = n >= WIDE_ROW && rows - r >= GROUP ? GROUP : 1;
        struct row_terms terms[GROUP];
        for (size_t k = 0; k < group; k++)
            terms[k] = (struct row_terms){.mean = mean[r + k], .rstd = rstd[r + k]};
        if (group == GROUP)
            group_reduce(n, dy + r * n, x + r * n, gamma, terms, dgamma, dbeta);
        else
            row_reduce(n, dy + r * n, x + r * n, gamma, terms, dgamma, dbeta);
        for (size_t k = 0; k < group; k++, r++)
            (past ? row_gradient_past : row_gradient)(n, dy + r * n, x + r * n, gamma, &terms[k], dx + r * n);
    }
    stream_end();
}

void layer_norm_backward_plain(size_t rows, size_t n, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, bool accumulate, real *dx, real *dgamma,
                               real *dbeta) {
    clear_unless(accumulate, n, dgamma);
    clear_unless(accumulate, n, dbeta);
    for (size_t r = 0; r < rows; r++) {
        const real *dyr = dy + r * n, *xr = x + r * n;
        real avg_g = 0, avg_gx = 0;
        for (size_t i = 0; i < n; i++) {
            avg_g += gamma[i] * dyr[i] / (real)n;
            avg_gx += gamma[i] * dyr[i] * (xr[i] - mean[r]) * rstd[r] / (real)n;
        }
        for (size_t i = 0; i < n; i++) {
            real xhat = (xr[i] - mean[r]) * rstd[r];
            dx[r * n + i] = (gamma[i] * dyr[i] - avg_g - xhat * avg_gx) * rstd[r];
            dgamma[i] += dyr[i] * xhat;
            dbeta[i] += dyr[i];
        }
    }
}

static void row_gauge_dx(size_t n, const real *dy, const real *x, const real *gamma, real mean, real rstd,
                         real *gauge) {
    real avg_g = 0, avg_gx = 0, spread = 1 + rstd * row_mean_size(n, x);
    for (size_t i = 0; i < n; i++) {
        avg_g += real_fabs(gamma[i] * dy[i]) / (real)n;
        avg_gx += real_fabs(gamma[i] * dy[i] * (x[i] - mean) * rstd) / (real)n;
    }
    for (size_t i = 0; i < n; i++) {
        real xhat = real_fabs(x[i] - mean) * rstd;
        gauge[i] = rstd * (real_fabs(gamma[i] * dy[i]) + avg_g + xhat * avg_gx) * spread;
    }
}

void layer_norm_backward_gauge(size_t rows, size_t n, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, bool accumulate, const real *dgamma,
                               const real *dbeta, real *gauge_dx, real *gauge_dgamma, real *gauge_dbeta) {
    for (size_t i = 0; gauge_dgamma != NULL && i < n; i++)
        gauge_dgamma[i] = accumulate ? real_fabs(dgamma[i]) : 0;
    for (size_t i = 0; gauge_dbeta != NULL && i < n; i++)
        gauge_dbeta[i] = accumulate ? real_fabs(dbeta[i]) : 0;
    for (size_t r = 0; r < rows; r++) {
        const real *dyr = dy + r * n, *xr = x + r * n;
        real floor = rstd[r] * row_mean_size(n, xr);
        if (gauge_dx != NULL)
            row_gauge_dx(n, dyr, xr, gamma, mean[r], rstd[r], gauge_dx + r * n);
        for (size_t i = 0; gauge_dgamma != NULL && i < n; i++)
            gauge_dgamma[i] += real_fabs(dyr[i]) * (real_fabs(xr[i] - mean[r]) * rstd[r] + floor);
        for (size_t i = 0; gauge_dbeta != NULL && i < n; i++)
            gauge_dbeta[i] += real_fabs(dyr[i]);
    }
}
