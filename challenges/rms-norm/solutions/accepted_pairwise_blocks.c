// expect: passed
// harness: rms-norm
// Sums by halves; the row scaled by its largest element before squaring; dgamma in blocks of rows, added up by block.
#include <math.h>
#include <string.h>

#include "rms-norm.h"

enum { SHORT = 128, LANES = 16, BLOCK = 32 };

/* sum a*b*c*s^2, by halves down to SHORT products. */
static float sum_products(const float *a, const float *b, const float *c, float s, int32_t n) {
    float part[LANES] = {0};
    if (n > SHORT) {
        const int32_t half = n / 2 / LANES * LANES;
        return sum_products(a, b, c, s, half) + sum_products(a + half, b + half, c + half, s, n - half);
    }
    int32_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            part[l] += a[j + l] * (b[j + l] * s) * (c[j + l] * s);
    for (int l = 0; j < n; j++, l++)
        part[l] += a[j] * (b[j] * s) * (c[j] * s);
    for (int l = LANES / 2; l > 0; l /= 2)
        for (int k = 0; k < l; k++)
            part[k] += part[k + l];
    return part[0];
}

/* sum (x*s)^2 */
static float sum_squares(const float *x, float s, int32_t n) {
    float part[LANES] = {0};
    if (n > SHORT) {
        const int32_t half = n / 2 / LANES * LANES;
        return sum_squares(x, s, half) + sum_squares(x + half, s, n - half);
    }
    int32_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            part[l] += (x[j + l] * s) * (x[j + l] * s);
    for (int l = 0; j < n; j++, l++)
        part[l] += (x[j] * s) * (x[j] * s);
    for (int l = LANES / 2; l > 0; l /= 2)
        for (int k = 0; k < l; k++)
            part[k] += part[k + l];
    return part[0];
}

static float largest_of(const float *x, int32_t n) {
    float part[LANES] = {0}, most = 0;
    int32_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            part[l] = fabsf(x[j + l]) > part[l] ? fabsf(x[j + l]) : part[l];
    for (; j < n; j++)
        most = fmaxf(most, fabsf(x[j]));
    for (int l = 0; l < LANES; l++)
        most = fmaxf(most, part[l]);
    return most;
}

int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd) {
    const int32_t n = p->n;
    for (int64_t i = 0; i < p->rows; i++) {
        const float *restrict from = x + i * n;
        float *restrict to = y + i * n;
        const float most = largest_of(from, n);
        const float square = most > 0 ? sum_squares(from, 1 / most, n) / (float)n * most * most : 0;
        const float root = sqrtf(square + p->eps), r = 1 / root;
        rstd[i] = r;
        for (int32_t j = 0; j < n; j++)
            to[j] = gamma[j] * r * from[j];
    }
    return 0;
}

static void add_rows(int64_t rows, int32_t n, const float *dy, const float *x, const float *rstd, float *restrict to) {
    for (int64_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < n; j++)
            to[j] += dy[i * n + j] * rstd[i] * x[i * n + j];
}

int rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                 const float *rstd, float *dx, float *dgamma) {
    const int32_t n = p->n;
    static float block[65536];
    memset(dgamma, 0, (size_t)n * sizeof *dgamma);
    for (int64_t first = 0; first < p->rows; first += BLOCK) {
        const int64_t rows = p->rows - first < BLOCK ? p->rows - first : BLOCK;
        memset(block, 0, (size_t)n * sizeof *block);
        add_rows(rows, n, dy + first * n, x + first * n, rstd + first, block);
        for (int32_t j = 0; j < n; j++)
            dgamma[j] += block[j];
        for (int64_t i = first; i < first + rows; i++) {
            const float *restrict from = x + i * n, *restrict up = dy + i * n;
            float *restrict to = dx + i * n;
            const float r = rstd[i], c = sum_products(gamma, up, from, r, n) / r * r / (float)n * r;
            for (int32_t j = 0; j < n; j++)
                to[j] = gamma[j] * up[j] * r - c * from[j];
        }
    }
    return 0;
}
