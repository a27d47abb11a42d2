// expect: too_slow
// harness: rms-norm
// Right, but the sums of a row are taken anew every eight columns.
#include <math.h>

#include "rms-norm.h"

int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd) {
    const int64_t rows = p->rows, n = p->n;
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            for (int64_t k = 0; k < n && j % 8 == 0; k++)
                sum += x[i * n + k] * x[i * n + k];
            rstd[i] = j % 8 == 0 ? 1 / sqrtf(sum / (float)n + p->eps) : rstd[i];
            y[i * n + j] = gamma[j] * x[i * n + j] * rstd[i];
        }
    }
    return 0;
}

int rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                 const float *rstd, float *dx, float *dgamma) {
    const int64_t rows = p->rows, n = p->n;
    for (int64_t j = 0; j < n; j++)
        dgamma[j] = 0;
    for (int64_t i = 0; i < rows; i++) {
        const float r = rstd[i];
        float c = 0;
        for (int64_t j = 0; j < n; j++) {
            float sum = 0;
            for (int64_t k = 0; k < n && j % 8 == 0; k++)
                sum += gamma[k] * dy[i * n + k] * x[i * n + k];
            c = j % 8 == 0 ? r * r * r * (sum / (float)n) : c;
            dx[i * n + j] = gamma[j] * dy[i * n + j] * r - x[i * n + j] * c;
            dgamma[j] += dy[i * n + j] * (x[i * n + j] * r);
        }
    }
    return 0;
}
