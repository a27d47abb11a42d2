// C2: replaces exp by its first two terms, a sum that needs no weights => wrong_answer
// harness: attention-causal
// For small logits softmax is linear: exp(s) = 1 + s turns attention into two matrix products that can be kept
// from row to row.
#include "attention-causal.h"

#include <stddef.h>

static float logit(const struct attention_params *p, const float *q, const float *k) {
    float sum = 0;
    for (int32_t l = 0; l < p->d; l++)
        sum += q[l] * k[l];
    return p->scale * sum;
}

static void row(const struct attention_params *p, const float *q, const float *k, const float *v, int32_t keys,
                float *o) {
    float sum = 0;
    for (int32_t l = 0; l < p->d; l++)
        o[l] = 0;
    for (int32_t j = 0; j < keys; j++) {
        const float w = 1 + logit(p, q, k + (int64_t)j * p->d);
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
