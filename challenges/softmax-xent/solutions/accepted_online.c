// expect: passed
// harness: softmax-xent
// The online form (Milakov and Gimelshein 2018): one pass keeps a running maximum and a running sum, and a sum is
// rescaled when its maximum grows. Each of 16 lanes has its own pair; they meet at the end of the row. A second pass
// writes the gradient. Of the two exponentials of an update, exp(old - new) and exp(x - new), one is always exp(0),
// so a single call serves both.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { LANES = 16 };

/* exp for x <= 0, as (1 + r + ...) * 2^k with k = round(x / ln 2), which adding 1.5 * 2^23 leaves in the low bits of the
 * sum. Below FLT_MIN k is -127, and the bits of 2^k are a 0. */
static inline float exp_online(float x) {
    float y = x > -88.2f ? x : -88.2f;
    float shifted = y * 0x1.715476p0f + 0x1.8p23f, k = shifted - 0x1.8p23f;
    float r = y - k * 0x1.62e4p-1f - k * 0x1.7f7d1cp-20f;
    float e = 0x1.6c16c2p-10f;
    e = e * r + 0x1.111112p-7f;
    e = e * r + 0x1.555556p-5f;
    e = e * r + 0x1.555556p-3f;
    e = e * r + 0.5f;
    e = e * r + 1.0f;
    e = e * r + 1.0f;
    uint32_t bits;
    float power;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + (127U << 23);
    memcpy(&power, &bits, sizeof power);
    return e * power;
}

struct running {
    float top, sum, below; /* below: sum of x - first, for the mean of the row */
};

static inline void running_add(float x, float first, float *top, float *sum, float *below) {
    float distance = x - *top;
    float e = exp_online(distance > 0 ? -distance : distance);
    *sum = distance > 0 ? *sum * e + 1.0f : *sum + e;
    *top = distance > 0 ? x : *top;
    *below += x - first;
}

static struct running scan(const float *x, size_t v) {
    float top[LANES], sum[LANES] = {0}, below[LANES] = {0}, first = x[0];
    for (size_t k = 0; k < LANES; k++)
        top[k] = first;
    size_t j = 0;
    for (; j + LANES <= v; j += LANES)
        for (size_t k = 0; k < LANES; k++)
            running_add(x[j + k], first, &top[k], &sum[k], &below[k]);
    for (size_t k = 0; j < v; j++, k++)
        running_add(x[j], first, &top[k], &sum[k], &below[k]);
    struct running all = {.top = first};
    for (size_t k = 0; k < LANES; k++)
        all.top = top[k] > all.top ? top[k] : all.top;
    for (size_t k = 0; k < LANES; k++)
        sum[k] *= exp_online(top[k] - all.top);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++) {
            sum[k] += sum[k + half];
            below[k] += below[k + half];
        }
    all.sum = sum[0];
    all.below = below[0];
    return all;
}

static float row(const float *restrict x, size_t v, size_t t, float s, float weight, float *restrict d) {
    struct running all = scan(x, v);
    float scale = weight / all.sum, even = weight * s / (float)v;
    for (size_t j = 0; j < v; j++)
        d[j] = exp_online(x[j] - all.top) * scale - even;
    d[t] -= weight * (1 - s);
    float mean = x[0] - all.top + all.below / (float)v;
    return logf(all.sum) - (1 - s) * (x[t] - all.top) - s * mean;
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    size_t v = (size_t)p->v;
    float counted = 0;
    for (int32_t i = 0; i < p->n; i++)
        counted += target[i] != p->ignore_index;
    for (int32_t i = 0; i < p->n; i++) {
        float *d = dlogits + (size_t)i * v;
        if (target[i] == p->ignore_index) {
            row_loss[i] = 0;
            memset(d, 0, v * sizeof *d);
        } else {
            row_loss[i] = row(logits + (size_t)i * (size_t)p->ldx, v, (size_t)target[i], p->smoothing, 1 / counted, d);
        }
    }
    return 0;
}
