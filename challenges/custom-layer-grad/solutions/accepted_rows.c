// expect: passed
// harness: custom-layer-grad
// Row by row: forward again, then backward, adding to the gradients of the weights. Loops run along rows of matrices.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "custom-layer-grad.h"

enum { LANES = 32 };

static float dot(const float *restrict a, const float *restrict b, int64_t n) {
    float part[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            part[l] += a[i + l] * b[i + l];
    for (; i < n; i++)
        sum += a[i] * b[i];
    for (int l = 0; l < LANES; l++)
        sum += part[l];
    return sum;
}

static void add_scaled(float scale, const float *restrict from, float *restrict to, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        to[i] += scale * from[i];
}

static void gate(int32_t kind, float p, float *value, float *slope) {
    const float e = expf(-fabsf(p)), large = 1 / (1 + e), small = e * large;
    const float s = p < 0 ? small : large, rest = p < 0 ? large : small; /* rest = 1 - s, which would cancel */
    switch (kind) {
    case 1:
        *value = tanhf(p);
        *slope = 1 - *value * *value;
        break;
    case 2:
        *value = s;
        *slope = s * rest;
        break;
    case 3:
        *value = fmaxf(p, 0) + log1pf(e);
        *slope = s;
        break;
    default:
        *value = p * s;
        *slope = s + p * s * rest;
    }
}

int gatednorm_bwd(const struct gatednorm_params *p, const float *x, const float *g, const float *w1, const float *w2,
                  const float *w3, const float *a, const float *dy, float *dx, float *dg, float *dw1, float *dw2,
                  float *dw3, float *da) {
    const int64_t n = p->n, d = p->d, f = p->f;
    const double gamma = tanh((double)*a);
    const float c = (float)gamma;
    float *room = malloc((size_t)(3 * d + 6 * f) * sizeof *room);
    if (room == NULL)
        return 1;
    float *r = room, *xhat = r + d, *dr = xhat + d, *before = dr + d, *q = before + f, *value = q + f;
    float *slope = value + f, *dp = slope + f, *dq = dp + f;
    double total = 0;
    memset(dg, 0, (size_t)d * sizeof *dg);
    memset(dw1, 0, (size_t)(d * f) * sizeof *dw1);
    memset(dw2, 0, (size_t)(d * f) * sizeof *dw2);
    memset(dw3, 0, (size_t)(d * f) * sizeof *dw3);
    for (int64_t i = 0; i < n; i++) {
        const float *from = x + i * d, *up = dy + i * d;
        const float length = p->norm == 0 ? (float)d : 1;
        const float rinv = 1 / sqrtf(dot(from, from, d) / length + p->eps);
        for (int64_t k = 0; k < d; k++) {
            xhat[k] = from[k] * rinv;
            r[k] = g[k] * xhat[k];
        }
        memset(before, 0, (size_t)(2 * f) * sizeof *before); /* and q */
        for (int64_t k = 0; k < d; k++) {
            add_scaled(r[k], w1 + k * f, before, f);
            add_scaled(r[k], w2 + k * f, q, f);
        }
        for (int64_t j = 0; j < f; j++) {
            gate(p->gate, before[j], &value[j], &slope[j]);
            const float z = value[j] * q[j];
            const float e = dot(up, w3 + j * d, d);
            add_scaled(c * z, up, dw3 + j * d, d);
            total += (double)(z * e);
            dp[j] = c * e * q[j] * slope[j];
            dq[j] = c * e * value[j];
        }
        for (int64_t k = 0; k < d; k++) {
            add_scaled(r[k], dp, dw1 + k * f, f);
            add_scaled(r[k], dq, dw2 + k * f, f);
            dr[k] = dot(dp, w1 + k * f, f) + dot(dq, w2 + k * f, f);
        }
        float sum = 0;
        for (int64_t k = 0; k < d; k++) {
            dg[k] += dr[k] * xhat[k];
            sum += g[k] * dr[k] * xhat[k];
        }
        const float share = sum / length;
        for (int64_t k = 0; k < d; k++)
            dx[i * d + k] = up[k] + rinv * (g[k] * dr[k] - xhat[k] * share);
    }
    *da = (float)((1 - gamma * gamma) * total);
    free(room);
    return 0;
}
