// expect: crashed
// harness: layernorm-fb
// Keeps all centred rows in an array on the stack, which is small: fine until the input is large.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;
    double centred[rows * n + 1];

    for (size_t r = 0; r < rows; r++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[r * n + i];
        for (size_t i = 0; i < n; i++) {
            centred[r * n + i] = x[r * n + i] - sum / (double)n;
            squares += centred[r * n + i] * centred[r * n + i];
        }
        mean[r] = (float)(sum / (double)n);
        rstd[r] = (float)(1 / sqrt(squares / (double)n + (double)p->eps));
    }
    for (size_t i = 0; i < rows * n; i++)
        y[i] = (float)centred[i] * rstd[i / n] * gamma[i % n] + beta[i % n];
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
