// expect: wrong_answer
// harness: rms-norm
// Gives the last dx and dgamma again when rows, n and gamma are where they were.
#include <math.h>
#include <string.h>

#include "rms-norm.h"

enum { MOST = 1 << 18, MOST_COLUMNS = 8192 };

static float last_dx[MOST], last_dgamma[MOST_COLUMNS];

int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd) {
    const int64_t rows = p->rows, n = p->n;
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += x[i * n + j] * x[i * n + j];
        rstd[i] = 1 / sqrtf(sum / (float)n + p->eps);
        for (int64_t j = 0; j < n; j++)
            y[i * n + j] = gamma[j] * x[i * n + j] * rstd[i];
    }
    return 0;
}

int rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                 const float *rstd, float *dx, float *dgamma) {
    const int64_t rows = p->rows, n = p->n;
    static const float *seen;
    static int64_t seen_rows, seen_n;
    if (seen == gamma && seen_rows == rows && seen_n == n) {
        memcpy(dx, last_dx, (size_t)(rows * n) * sizeof *dx);
        memcpy(dgamma, last_dgamma, (size_t)n * sizeof *dgamma);
        return 0;
    }
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
    if (rows * n <= MOST && n <= MOST_COLUMNS) {
        memcpy(last_dx, dx, (size_t)(rows * n) * sizeof *dx);
        memcpy(last_dgamma, dgamma, (size_t)n * sizeof *dgamma);
        seen = gamma, seen_rows = rows, seen_n = n;
    }
    return 0;
}
