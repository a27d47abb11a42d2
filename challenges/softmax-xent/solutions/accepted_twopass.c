// expect: passed
// harness: softmax-xent
// The maximum first, then exp(x - max) into the gradient's own row, then one scaling of that row in place. All loops
// work on lanes that do not depend on each other, so gcc turns them into vector code without -ffast-math.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { LANES = 32 };

/* exp for x <= 0: 2^k times a polynomial of degree 6 on [-ln(2)/2, ln(2)/2]; results below FLT_MIN become 0. */
static inline float exp_negative(float x) {
    const float shifter = 0x1.8p23f;
    float clamped = x < -87.3f ? -87.3f : x;
    float k = (clamped * 1.44269504f + shifter) - shifter;
    float r = (clamped - k * 0.693359375f) + k * 2.12194440e-4f;
    float q = 1.38888889e-3f;
    q = q * r + 8.33333333e-3f;
    q = q * r + 4.16666667e-2f;
    q = q * r + 1.66666667e-1f;
    q = q * r + 0.5f;
    q = q * (r * r) + r + 1.0f;
    int32_t bits = ((int32_t)k + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return x < -87.3f ? 0.0f : q * power;
}

static float row_max(const float *x, size_t v) {
    float lane[LANES];
    for (size_t k = 0; k < LANES; k++)
        lane[k] = x[0];
    size_t j = 0;
    for (; j + LANES <= v; j += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] = x[j + k] > lane[k] ? x[j + k] : lane[k];
    for (; j < v; j++)
        lane[0] = x[j] > lane[0] ? x[j] : lane[0];
    float top = lane[0];
    for (size_t k = 1; k < LANES; k++)
        top = lane[k] > top ? lane[k] : top;
    return top;
}

static float row_sum(const float *x, size_t v) {
    float lane[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= v; j += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += x[j + k];
    for (; j < v; j++)
        lane[0] += x[j];
    float sum = 0;
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

static float row(const float *restrict x, size_t v, size_t t, float s, float weight, float *restrict d) {
    float top = row_max(x, v), below = 0;
    if (s > 0) {
        for (size_t j = 0; j < v; j++)
            d[j] = top - x[j];
        below = row_sum(d, v) / (float)v;
    }
    for (size_t j = 0; j < v; j++)
        d[j] = exp_negative(x[j] - top);
    float sum = row_sum(d, v), scale = weight / sum, even = s / (float)v * weight;
    for (size_t j = 0; j < v; j++)
        d[j] = d[j] * scale - even;
    d[t] -= (1 - s) * weight;
    return logf(sum) + (1 - s) * (top - x[t]) + s * below;
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    size_t n = (size_t)p->n, v = (size_t)p->v, ldx = (size_t)p->ldx, counted = 0;
    for (size_t i = 0; i < n; i++)
        counted += target[i] != p->ignore_index;
    for (size_t i = 0; i < n; i++) {
        float *d = dlogits + i * v;
        if (target[i] != p->ignore_index) {
            row_loss[i] = row(logits + i * ldx, v, (size_t)target[i], p->smoothing, 1 / (float)counted, d);
            continue;
        }
        row_loss[i] = 0;
        for (size_t j = 0; j < v; j++)
            d[j] = 0;
    }
    return 0;
}
