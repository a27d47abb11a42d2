// C2: gives all visible keys the same weight without reading queries and keys => wrong_answer
// harness: attention-causal
// Skips the expensive inputs. Passes where inputs are so small that all logits are near zero; here they have a
// standard deviation of one and more.
#include "attention-causal.h"

#include <stddef.h>

static void row(const struct attention_params *p, const float *q, const float *k, const float *v, int32_t keys,
                float *o) {
    (void)q, (void)k;
    for (int32_t l = 0; l < p->d; l++) {
        o[l] = 0;
        for (int32_t j = 0; j < keys; j++)
            o[l] += v[(int64_t)j * p->d + l] / (float)keys;
    }
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
