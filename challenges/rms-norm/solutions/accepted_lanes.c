// expect: passed
// harness: rms-norm
// Sums in sixteen lanes, row after row; dx from the normalised row.
#include <math.h>

#include "rms-norm.h"

enum { LANES = 16 };

static float sum_lanes(const float *part) {
    float sum = 0;
    for (int l = 0; l < LANES; l++)
        sum += part[l];
    return sum;
}

int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd) {
    const int32_t n = p->n;
    for (int64_t i = 0; i < p->rows; i++) {
        const float *restrict from = x + i * n;
        float *restrict to = y + i * n;
        float part[LANES] = {0};
        int32_t j = 0;
        for (; j + LANES <= n; j += LANES)
            for (int l = 0; l < LANES; l++)
                part[l] += from[j + l] * from[j + l];
        for (; j < n; j++)
            part[0] += from[j] * from[j];
        const float r = 1 / sqrtf(sum_lanes(part) / (float)n + p->eps);
        rstd[i] = r;
        for (j = 0; j < n; j++)
            to[j] = from[j] * r * gamma[j];
    }
    return 0;
}

int rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                 const float *rstd, float *dx, float *dgamma) {
    const int32_t n = p->n;
    float *restrict total = dgamma;
    for (int32_t j = 0; j < n; j++)
        total[j] = 0;
    for (int64_t i = 0; i < p->rows; i++) {
        const float *restrict from = x + i * n, *restrict up = dy + i * n;
        float *restrict to = dx + i * n;
        float part[LANES] = {0};
        int32_t j = 0;
        for (; j + LANES <= n; j += LANES)
            for (int l = 0; l < LANES; l++)
                part[l] += gamma[j + l] * up[j + l] * (from[j + l] * rstd[i]);
        for (; j < n; j++)
            part[0] += gamma[j] * up[j] * (from[j] * rstd[i]);
        const float r = rstd[i], mean = sum_lanes(part) / (float)n;
        for (j = 0; j < n; j++) {
            const float xhat = from[j] * r;
            to[j] = r * (gamma[j] * up[j] - xhat * mean);
            total[j] += up[j] * xhat;
        }
    }
    return 0;
}
