// expect: unwritten_output
// harness: rms-norm
// Leaves the columns beyond a multiple of eight unwritten.
#include <math.h>

#include "rms-norm.h"

int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd) {
    const int64_t rows = p->rows, n = p->n;
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += x[i * n + j] * x[i * n + j];
        rstd[i] = 1 / sqrtf(sum / (float)n + p->eps);
        for (int64_t j = 0; j < n / 8 * 8; j++)
            y[i * n + j] = gamma[j] * x[i * n + j] * rstd[i];
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
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += gamma[j] * dy[i * n + j] * x[i * n + j];
        const float c = r * r * r * (sum / (float)n);
        for (int64_t j = 0; j < n; j++) {
            dx[i * n + j] = gamma[j] * dy[i * n + j] * r - x[i * n + j] * c;
            dgamma[j] += dy[i * n + j] * (x[i * n + j] * r);
        }
    }
    return 0;
}
