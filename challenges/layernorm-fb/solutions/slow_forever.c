// expect: time_limit
// harness: layernorm-fb
// Newton steps for the inverse square root until nothing is left to correct, which rounding prevents: it does not end.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>

static float inverse_root(float v)
{
    float y = 1 / sqrtf(v);
    while ((double)v * y * y != 1.0)
        y *= 1.5f - 0.5f * v * y * y;
    return y;
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n;
        float sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += xr[i];
        float centre = sum / (float)n;
        for (size_t i = 0; i < n; i++)
            squares += (xr[i] - centre) * (xr[i] - centre);
        float scale = inverse_root(squares / (float)n + p->eps);
        for (size_t i = 0; i < n; i++)
            y[r * n + i] = (xr[i] - centre) * scale * gamma[i] + beta[i];
        mean[r] = centre;
        rstd[r] = scale;
    }
    return 0;
}

int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t i = 0; i < n && !p->accumulate; i++)
        dgamma[i] = dbeta[i] = 0;
    for (size_t r = 0; r < rows; r++) {
        float sum_g = 0, sum_gx = 0;
        for (size_t i = 0; i < n; i++) {
            float xhat = (x[r * n + i] - mean[r]) * rstd[r], g = gamma[i] * dy[r * n + i];
            sum_g += g;
            sum_gx += g * xhat;
            dgamma[i] += dy[r * n + i] * xhat;
            dbeta[i] += dy[r * n + i];
        }
        for (size_t i = 0; i < n; i++) {
            float xhat = (x[r * n + i] - mean[r]) * rstd[r];
            dx[r * n + i] = rstd[r] * (gamma[i] * dy[r * n + i] - sum_g / (float)n - xhat * sum_gx / (float)n);
        }
    }
    return 0;
}
