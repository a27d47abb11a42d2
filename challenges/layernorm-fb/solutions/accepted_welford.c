// expect: passed
// harness: layernorm-fb
// Welford's recurrence in 32 lanes at once, so that one division serves 32 elements; the lanes are merged by the
// formula of Chan, Golub and LeVeque.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { WIDTH = 16, LANES = 2 * WIDTH };
typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));

struct moments {
    float count, mean, squares;
};

static void merge(struct moments *a, float count, float mean, float squares)
{
    float total = a->count + count, step = mean - a->mean;

    a->mean += step * (count / total);
    a->squares += squares + step * step * (a->count * count / total);
    a->count = total;
}

static struct moments moments_of(size_t n, const float *x)
{
    vec m0 = {0}, m1 = {0}, s0 = {0}, s1 = {0};
    struct moments all = {0, 0, 0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        float share = 1 / (float)(i / LANES + 1);
        vec x0 = *(const vec *)(x + i), x1 = *(const vec *)(x + i + WIDTH);
        vec d0 = x0 - m0, d1 = x1 - m1;
        m0 += d0 * share;
        m1 += d1 * share;
        s0 += d0 * (x0 - m0);
        s1 += d1 * (x1 - m1);
    }
    for (size_t k = 0; i > 0 && k < WIDTH; k++) {
        merge(&all, (float)(i / LANES), m0[k], s0[k]);
        merge(&all, (float)(i / LANES), m1[k], s1[k]);
    }
    for (; i < n; i++)
        merge(&all, 1, x[i], 0);
    return all;
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n;
        float *restrict yr = y + r * n;
        struct moments row = moments_of(n, xr);
        float scale = 1 / sqrtf(row.squares / (float)n + p->eps);
        for (size_t i = 0; i < n; i++)
            yr[i] = gamma[i] * ((xr[i] - row.mean) * scale) + beta[i];
        mean[r] = row.mean;
        rstd[r] = scale;
    }
    return 0;
}

static void row_bwd(size_t n, const float *restrict dy, const float *restrict x, const float *restrict gamma,
                    float mean, float rstd, float *restrict dx, float *restrict dgamma, float *restrict dbeta)
{
    vec g0 = {0}, g1 = {0};
    float sum_g = 0, sum_gx = 0;
    size_t i = 0;

    for (; i + WIDTH <= n; i += WIDTH) {
        vec d = *(const vec *)(dy + i), h = (*(const vec *)(x + i) - mean) * rstd, g = d * *(const vec *)(gamma + i);
        g0 += g;
        g1 += g * h;
        *(vec *)(dgamma + i) += d * h;
        *(vec *)(dbeta + i) += d;
    }
    for (size_t k = 0; k < WIDTH; k++) {
        sum_g += g0[k];
        sum_gx += g1[k];
    }
    for (; i < n; i++) {
        float h = (x[i] - mean) * rstd;
        sum_g += dy[i] * gamma[i];
        sum_gx += dy[i] * gamma[i] * h;
        dgamma[i] += dy[i] * h;
        dbeta[i] += dy[i];
    }
    sum_g /= (float)n;
    sum_gx /= (float)n;
    for (i = 0; i < n; i++)
        dx[i] = rstd * (dy[i] * gamma[i] - sum_g - (x[i] - mean) * rstd * sum_gx);
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
