// expect: passed
// harness: softmax-xent
// Forms lse of each row first, and then the probabilities directly as exp(x - lse), so that nothing but the final
// gradient is ever stored. The exponential is evaluated twice for each logit. Written for strict C: the running sums
// lie in explicit lanes, and the polynomial needs neither libm nor -ffast-math.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { LANES = 32 };

/* exp for x <= about 0. The bits of 2^k are (k+127) << 23, which for k = -127 is a 0: small results vanish by
 * themselves, without a comparison that might keep the loop from becoming vector code. */
static inline float exp_lane(float x) {
    float y = x < -88.2f ? -88.2f : x;
    float shifted = y * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: the sum has no room for a fraction */
    float n = shifted - 12582912.0f;
    float r = y - n * 0x1.62e4p-1f;
    r = r - n * 0x1.7f7d1cp-20f;
    float r2 = r * r;
    float even = 0.5f + r2 * (4.1666667e-2f + r2 * 1.3888889e-3f);
    float odd = 1.6666667e-1f + r2 * 8.3333333e-3f;
    uint32_t bits;
    float power;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + (127U << 23);
    memcpy(&power, &bits, sizeof power);
    return power + power * (r + r2 * (even + r * odd));
}

static float largest(const float *x, size_t v) {
    float lane[LANES];
    for (size_t k = 0; k < LANES; k++)
        lane[k] = x[0];
    size_t j = 0;
    for (; j + LANES <= v; j += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] = x[j + k] > lane[k] ? x[j + k] : lane[k];
    for (; j < v; j++)
        lane[0] = x[j] > lane[0] ? x[j] : lane[0];
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++)
            lane[k] = lane[k + half] > lane[k] ? lane[k + half] : lane[k];
    return lane[0];
}

/* lse, and the mean of x - top beside it. */
static float log_sum_exp(const float *x, size_t v, float top, float *mean_below) {
    float sum[LANES] = {0}, below[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= v; j += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            float distance = x[j + k] - top;
            below[k] += distance;
            sum[k] += exp_lane(distance);
        }
    }
    for (; j < v; j++) {
        below[0] += x[j] - top;
        sum[0] += exp_lane(x[j] - top);
    }
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++) {
            sum[k] += sum[k + half];
            below[k] += below[k + half];
        }
    *mean_below = below[0] / (float)v;
    return top + logf(sum[0]);
}

static float row(const float *restrict x, size_t v, size_t t, float s, float weight, float *restrict d) {
    float top = largest(x, v), mean_below;
    float lse = log_sum_exp(x, v, top, &mean_below), even = s / (float)v;
    for (size_t j = 0; j < v; j++)
        d[j] = weight * (exp_lane(x[j] - lse) - even);
    d[t] -= weight * (1 - s);
    return (1 - s) * (lse - x[t]) + s * (lse - (top + mean_below));
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    size_t v = (size_t)p->v, counted = 0;
    for (int32_t i = 0; i < p->n; i++)
        counted += target[i] != p->ignore_index;
    for (int32_t i = 0; i < p->n; i++) {
        const float *x = logits + (size_t)i * (size_t)p->ldx;
        float *d = dlogits + (size_t)i * v;
        row_loss[i] = 0;
        if (target[i] == p->ignore_index)
            memset(d, 0, v * sizeof *d);
        else
            row_loss[i] = row(x, v, (size_t)target[i], p->smoothing, 1 / (float)counted, d);
    }
    return 0;
}
