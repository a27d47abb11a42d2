// expect: passed
// harness: layernorm-fb
// Both passes as few multiply-adds: y = a*x + b with a = gamma*rstd and b = beta - mean*a, and dx = rstd*g + s*x + t
// with one s and t for each row. Sums run in 64 lanes.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { WIDTH = 16, LANES = 4 * WIDTH };
typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));

static float total(const vec *v, size_t count)
{
    float sum = 0;
    for (size_t k = 0; k < count * WIDTH; k++)
        sum += v[k / WIDTH][k % WIDTH];
    return sum;
}

/* sum (x - centre)^power for power 1 or 2 */
static float power_sum(size_t n, const float *x, float centre, int power)
{
    vec part[4] = {{0}};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < 4; k++) {
            vec d = *(const vec *)(x + i + k * WIDTH) - centre;
            if (power == 2)
                d *= d;
            part[k] += d;
        }
    float sum = total(part, 4);
    for (; i < n; i++)
        sum += power == 2 ? (x[i] - centre) * (x[i] - centre) : x[i] - centre;
    return sum;
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n;
        float *restrict yr = y + r * n;
        float centre = power_sum(n, xr, 0, 1) / (float)n;
        float scale = 1 / sqrtf(power_sum(n, xr, centre, 2) / (float)n + p->eps);
        for (size_t i = 0; i < n; i++) {
            float a = gamma[i] * scale, b = beta[i] - centre * a;
            yr[i] = a * xr[i] + b;
        }
        mean[r] = centre;
        rstd[r] = scale;
    }
    return 0;
}

static void row_bwd(size_t n, const float *restrict dy, const float *restrict x, const float *restrict gamma,
                    float mean, float rstd, float *restrict dx, float *restrict dgamma, float *restrict dbeta)
{
    vec part_g = {0}, part_gx = {0};
    float shift = -mean * rstd;
    size_t i = 0;

    for (; i + WIDTH <= n; i += WIDTH) {
        vec d = *(const vec *)(dy + i), h = *(const vec *)(x + i) * rstd + shift, g = d * *(const vec *)(gamma + i);
        part_g += g;
        part_gx += g * h;
        *(vec *)(dgamma + i) += d * h;
        *(vec *)(dbeta + i) += d;
    }
    float sum_g = total(&part_g, 1), sum_gx = total(&part_gx, 1);
    for (; i < n; i++) {
        float h = x[i] * rstd + shift, g = dy[i] * gamma[i];
        sum_g += g;
        sum_gx += g * h;
        dgamma[i] += dy[i] * h;
        dbeta[i] += dy[i];
    }
    float slope = -rstd * (sum_gx / (float)n) * rstd, offset = -rstd * (sum_g / (float)n) - mean * slope;
    for (i = 0; i < n; i++)
        dx[i] = rstd * (dy[i] * gamma[i]) + (slope * x[i] + offset);
}

int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    if (!p->accumulate) {
        memset(dgamma, 0, n * sizeof *dgamma);
        memset(dbeta, 0, n * sizeof *dbeta);
    }
    for (size_t r = 0; r < rows; r++)
        row_bwd(n, dy + r * n, x + r * n, gamma, mean[r], rstd[r], dx + r * n, dgamma, dbeta);
    return 0;
}
