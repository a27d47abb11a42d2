// N: switches subnormal numbers off in the processor's control word => wrong_answer
// harness: attention-causal
// Faster on some processors where numbers are tiny. The hidden case that demands them forgives no flush.
#include "attention-causal.h"

#include <math.h>
#include <stddef.h>

static float logit(const struct attention_params *p, const float *q, const float *k) {
    float sum = 0;
    for (int32_t l = 0; l < p->d; l++)
        sum += q[l] * k[l];
    return p->scale * sum;
}

static void row(const struct attention_params *p, const float *q, const float *k, const float *v, int32_t keys,
                float *o) {
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
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
    for (int64_t head = 0; head < (int64_t)p->b * p->h; head++)
        for (int32_t i = 0; i < p->t; i++) {
            const int64_t base = head * p->t * p->d;
            const int32_t cut = kv_len != NULL ? kv_len[head / p->h] : p->t;
            const int32_t keys = p->causal && i + 1 < cut ? i + 1 : cut;
            row(p, q + base + (int64_t)i * p->d, k + base, v + base, keys, o + base + (int64_t)i * p->d);
        }
    return 0;
}
