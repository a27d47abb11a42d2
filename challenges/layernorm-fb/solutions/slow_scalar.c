// expect: too_slow
// harness: layernorm-fb
// Correct, with every sum in long double: the x87 unit takes one element at a time.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n;
        long double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += xr[i];
        long double centre = sum / (long double)n;
        for (size_t i = 0; i < n; i++)
            squares += (xr[i] - centre) * (xr[i] - centre);
        long double scale = 1 / sqrtl(squares / (long double)n + (long double)p->eps);
        for (size_t i = 0; i < n; i++)
            y[r * n + i] = (float)((xr[i] - centre) * scale * gamma[i] + beta[i]);
        mean[r] = (float)centre;
        rstd[r] = (float)scale;
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
        const float *dyr = dy + r * n, *xr = x + r * n;
        long double sum_g = 0, sum_gx = 0;
        for (size_t i = 0; i < n; i++) {
            long double xhat = ((long double)xr[i] - mean[r]) * rstd[r], g = (long double)gamma[i] * dyr[i];
            sum_g += g;
            sum_gx += g * xhat;
            dgamma[i] = (float)(dgamma[i] + dyr[i] * xhat);
            dbeta[i] = (float)((long double)dbeta[i] + dyr[i]);
        }
        for (size_t i = 0; i < n; i++) {
            long double xhat = ((long double)xr[i] - mean[r]) * rstd[r], g = (long double)gamma[i] * dyr[i];
            dx[r * n + i] = (float)(rstd[r] * (g - sum_g / (long double)n - xhat * sum_gx / (long double)n));
        }
    }
    return 0;
}
