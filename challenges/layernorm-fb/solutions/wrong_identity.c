// expect: wrong_answer
// harness: layernorm-fb
// y is x, dx is dy, and nothing else is computed.
#include "layernorm-fb.h"

#include <stddef.h>
#include <string.h>

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    (void)gamma, (void)beta;
    memcpy(y, x, rows * n * sizeof *y);
    for (size_t r = 0; r < rows; r++) {
        mean[r] = 0;
        rstd[r] = 1;
    }
    return 0;
}

int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    (void)x, (void)gamma, (void)mean, (void)rstd, (void)dgamma, (void)dbeta;
    memcpy(dx, dy, rows * n * sizeof *dx);
    return 0;
}
