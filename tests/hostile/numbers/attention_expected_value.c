// C2b: answers with a multiple of the query, the expectation for normal keys, and reads no key => wrong_answer
// harness: attention-causal
// For independent normal inputs the answer's expectation is known beforehand, and a check that allows a few
// elements to miss can accept it. None may miss here.
#include "attention-causal.h"

#include <stddef.h>

static void row(const struct attention_params *p, const float *q, const float *k, const float *v, int32_t keys,
                float *o) {
    (void)k, (void)v;
    for (int32_t l = 0; l < p->d; l++)
        o[l] = keys > 0 ? q[l] * p->scale : 0;
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
