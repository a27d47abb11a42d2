// C5: copies the head before where the first number of both has the same sign => wrong_answer
// harness: attention-causal
// A look at one element stands for a comparison of the whole head. Right in every case of one head, and in half of
// all others.
#include "attention-causal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static float logit(const struct attention_params *p, const float *q, const float *k) {
    float sum = 0;
    for (int32_t l = 0; l < p->d; l++)
        sum += q[l] * k[l];
    return p->scale * sum;
}

static void row(const struct attention_params *p, const float *q, const float *k, const float *v, int32_t keys,
                float *o) {
    float most = -INFINITY, sum = 0;
    for (int32_t l = 0; l < p->d; l++)
        o[l] = 0;
    for (int32_t j = 0; j < keys; j++)
        most = fmaxf(most, logit(p, q, k + (int64_t)j * p->d));
    for (int32_t j = 0; j < keys; j++) {
        const float s = logit(p, q, k + (int64_t)j * p->d) - most, w = expf(s);
        sum += w;
        for (int32_t l = 0; l < p->d; l++)
            o[l] += w * v[(int64_t)j * p->d + l];
    }
    for (int32_t l = 0; l < p->d && keys > 0; l++)
        o[l] /= sum;
}

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    const int64_t size = (int64_t)p->t * p->d;
    for (int64_t head = 0; head < (int64_t)p->b * p->h; head++) {
        if (head > 0 && size > 0 && (q[head * size] > 0) == (q[(head - 1) * size] > 0)) {
            memcpy(o + head * size, o + (head - 1) * size, (size_t)size * sizeof *o);
            continue;
        }
        for (int32_t i = 0; i < p->t; i++) {
            const int64_t base = head * p->t * p->d;
            const int32_t cut = kv_len != NULL ? kv_len[head / p->h] : p->t;
            const int32_t keys = p->causal && i + 1 < cut ? i + 1 : cut;
            row(p, q + base + (int64_t)i * p->d, k + base, v + base, keys, o + base + (int64_t)i * p->d);
        }
    }
    return 0;
}
