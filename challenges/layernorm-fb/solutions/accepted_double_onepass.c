// expect: passed
// harness: layernorm-fb
// avg(x^2) - avg(x)^2 in one pass, which is safe because the sums are in double. All sums are in double, those over the
// rows too.
#include "layernorm-fb.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 8 };
typedef double dvec __attribute__((vector_size(64)));
typedef float fvec __attribute__((vector_size(32), aligned(4), may_alias));

static double total(const double *part)
{
    return ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
}

static void sums_of(size_t n, const float *x, double *sum, double *squares)
{
    dvec s0 = {0}, s1 = {0}, q0 = {0}, q1 = {0};
    size_t i = 0;

    for (; i + 2 * WIDTH <= n; i += 2 * WIDTH) {
        dvec x0 = __builtin_convertvector(*(const fvec *)(x + i), dvec);
        dvec x1 = __builtin_convertvector(*(const fvec *)(x + i + WIDTH), dvec);
        s0 += x0;
        s1 += x1;
        q0 += x0 * x0;
        q1 += x1 * x1;
    }
    s0 += s1;
    q0 += q1;
    *sum = total((const double *)&s0);
    *squares = total((const double *)&q0);
    for (; i < n; i++) {
        *sum += x[i];
        *squares += (double)x[i] * x[i];
    }
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n;
        float *restrict yr = y + r * n;
        double sum, squares;
        sums_of(n, xr, &sum, &squares);
        double centre = sum / (double)n, variance = fmax(squares / (double)n - centre * centre, 0.0);
        float m = (float)centre, s = (float)(1 / sqrt(variance + p->eps));
        for (size_t i = 0; i < n; i++)
            yr[i] = (xr[i] - m) * s * gamma[i] + beta[i];
        mean[r] = m;
        rstd[r] = s;
    }
    return 0;
}

static void row_bwd(size_t n, const float *restrict dy, const float *restrict x, const float *restrict gamma,
                    float mean, float rstd, float *restrict dx, double *restrict dgamma, double *restrict dbeta)
{
    dvec s = {0}, t = {0};
    size_t i = 0;

    for (; i + WIDTH <= n; i += WIDTH) {
        fvec d = *(const fvec *)(dy + i), h = (*(const fvec *)(x + i) - mean) * rstd;
        dvec wide = __builtin_convertvector(d, dvec), xhat = __builtin_convertvector(h, dvec);
        dvec g = wide * __builtin_convertvector(*(const fvec *)(gamma + i), dvec);
        s += g;
        t += g * xhat;
        for (size_t k = 0; k < WIDTH; k++) {
            dgamma[i + k] += wide[k] * xhat[k];
            dbeta[i + k] += wide[k];
        }
    }
    double sum_g = total((const double *)&s), sum_gx = total((const double *)&t);
    for (; i < n; i++) {
        double xhat = (x[i] - mean) * rstd, g = (double)dy[i] * gamma[i];
        sum_g += g;
        sum_gx += g * xhat;
        dgamma[i] += dy[i] * xhat;
        dbeta[i] += dy[i];
    }
    float avg_g = (float)(sum_g / (double)n), avg_gx = (float)(sum_gx / (double)n);
    for (i = 0; i < n; i++)
        dx[i] = rstd * (dy[i] * gamma[i] - avg_g - (x[i] - mean) * rstd * avg_gx);
}

int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;
    double *sum = calloc(2 * n, sizeof *sum);

    if (sum == NULL)
        return 1;
    for (size_t r = 0; r < rows; r++)
        row_bwd(n, dy + r * n, x + r * n, gamma, mean[r], rstd[r], dx + r * n, sum, sum + n);
    for (size_t i = 0; i < n; i++) {
        dgamma[i] = (float)(sum[i] + (p->accumulate ? (double)dgamma[i] : 0.0));
        dbeta[i] = (float)(sum[n + i] + (p->accumulate ? (double)dbeta[i] : 0.0));
    }
    free(sum);
    return 0;
}
