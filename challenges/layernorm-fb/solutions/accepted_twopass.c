// expect: passed
// harness: layernorm-fb
// Plain loops, mean first and then the centred squares; the compiler may reorder sums, so it vectorises them.
#pragma GCC optimize("Ofast")

#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static float sum_of(size_t n, const float *x)
{
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

static float squares_of(size_t n, const float *x, float centre)
{
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - centre) * (x[i] - centre);
    return sum;
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t r = 0; r < rows; r++) {
        const float *restrict xr = x + r * n;
        float *restrict yr = y + r * n;
        float centre = sum_of(n, xr) / (float)n;
        float scale = 1 / sqrtf(squares_of(n, xr, centre) / (float)n + p->eps);
        for (size_t i = 0; i < n; i++)
            yr[i] = (xr[i] - centre) * scale * gamma[i] + beta[i];
        mean[r] = centre;
        rstd[r] = scale;
    }
    return 0;
}

int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *restrict dx, float *restrict dgamma,
                  float *restrict dbeta)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    if (!p->accumulate) {
        memset(dgamma, 0, n * sizeof *dgamma);
        memset(dbeta, 0, n * sizeof *dbeta);
    }
    for (size_t r = 0; r < rows; r++) {
        const float *dyr = dy + r * n, *xr = x + r * n;
        float centre = mean[r], scale = rstd[r], sum_g = 0, sum_gx = 0;
        for (size_t i = 0; i < n; i++) {
            float xhat = (xr[i] - centre) * scale, g = gamma[i] * dyr[i];
            sum_g += g;
            sum_gx += g * xhat;
            dgamma[i] += dyr[i] * xhat;
            dbeta[i] += dyr[i];
        }
        sum_g /= (float)n;
        sum_gx /= (float)n;
        for (size_t i = 0; i < n; i++)
            dx[r * n + i] = scale * (gamma[i] * dyr[i] - sum_g - (xr[i] - centre) * scale * sum_gx);
    }
    return 0;
}
