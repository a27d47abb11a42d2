// harness: rms-norm
// Compiles, and is honest about being unfinished: it passes everything on as if rstd and gamma were one.
#include "rms-norm.h"

int rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd) {
    (void)gamma;
    for (int64_t k = 0; k < (int64_t)p->rows * p->n; k++) {
        y[k] = x[k];
    }
    for (int32_t i = 0; i < p->rows; i++) {
        rstd[i] = 1;
    }
    return 0;
}

int rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                 const float *rstd, float *dx, float *dgamma) {
    (void)x, (void)gamma, (void)rstd;
    for (int64_t k = 0; k < (int64_t)p->rows * p->n; k++) {
        dx[k] = dy[k];
    }
    for (int32_t j = 0; j < p->n; j++) {
        dgamma[j] = 0;
    }
    return 0;
}
