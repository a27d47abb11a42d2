// C4: answers with the value of the best key => wrong_answer
// harness: attention-causal
// Right to the last bit where one logit towers above the rest, as in data of large scale. Other families are
// flat.
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
    int32_t best = 0;
    for (int32_t j = 1; j < keys; j++)
        best = logit(p, q, k + (int64_t)j * p->d) > logit(p, q, k + (int64_t)best * p->d) ? j : best;
    for (int32_t l = 0; l < p->d; l++)
        o[l] = keys > 0 ? v[(int64_t)best * p->d + l] : 0;
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
