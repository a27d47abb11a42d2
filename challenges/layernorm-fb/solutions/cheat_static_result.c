// expect: wrong_answer
// harness: layernorm-fb
// Keeps the results of the first call, and hands them out again when the same addresses come back.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const float *x;
    int32_t rows, n;
    float *y, *mean, *rstd;
} kept;

static void keep(const struct layernorm_params *p, const float *x, const float *y, const float *mean, const float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;
    float *copy = malloc((rows * n + 2 * rows) * sizeof *copy);

    if (copy == NULL)
        return;
    kept.x = x;
    kept.rows = p->rows;
    kept.n = p->n;
    kept.y = memcpy(copy, y, rows * n * sizeof *y);
    kept.mean = memcpy(copy + rows * n, mean, rows * sizeof *mean);
    kept.rstd = memcpy(copy + rows * n + rows, rstd, rows * sizeof *rstd);
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    if (x == kept.x && p->rows == kept.rows && p->n == kept.n) {
        memcpy(y, kept.y, rows * n * sizeof *y);
        memcpy(mean, kept.mean, rows * sizeof *mean);
        memcpy(rstd, kept.rstd, rows * sizeof *rstd);
        return 0;
    }
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
    if (kept.x == NULL)
        keep(p, x, y, mean, rstd);
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
