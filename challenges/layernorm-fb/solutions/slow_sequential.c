// expect: too_slow
// harness: layernorm-fb
// The formulas as they stand, one after the other, each with a running sum. Correct, and slow: the compiler must keep the
// order of a sum, and those over the rows walk down one column after the other.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>

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
        float scale = 1 / sqrtf(squares / (float)n + p->eps);
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

    for (size_t i = 0; i < n; i++) {
        float sum_x = p->accumulate ? dgamma[i] : 0, sum = p->accumulate ? dbeta[i] : 0;
        for (size_t r = 0; r < rows; r++) {
            sum_x += dy[r * n + i] * ((x[r * n + i] - mean[r]) * rstd[r]);
            sum += dy[r * n + i];
        }
        dgamma[i] = sum_x;
        dbeta[i] = sum;
    }
    for (size_t r = 0; r < rows; r++) {
        float sum_g = 0, sum_gx = 0;
        for (size_t i = 0; i < n; i++) {
            float xhat = (x[r * n + i] - mean[r]) * rstd[r], g = gamma[i] * dy[r * n + i];
            sum_g += g;
            sum_gx += g * xhat;
        }
        for (size_t i = 0; i < n; i++) {
            float xhat = (x[r * n + i] - mean[r]) * rstd[r];
            dx[r * n + i] = rstd[r] * (gamma[i] * dy[r * n + i] - sum_g / (float)n - xhat * sum_gx / (float)n);
        }
    }
    return 0;
}
