// expect: wrong_answer
// harness: attention-causal
//
// The plain mean of the visible values, which is what attention comes to when the logits are small. Neither q nor k is
// read.
#include "attention-causal.h"

#include <stddef.h>

// o is the query's own row, v the values of its head.
static void query(const struct attention_params *p, size_t seen, const float *v, float *o) {
    size_t d = (size_t)p->d;
    for (size_t c = 0; c < d; c++)
        o[c] = 0.0f;
    for (size_t j = 0; j < seen; j++)
        for (size_t c = 0; c < d; c++)
            o[c] += v[j * d + c] / (float)seen;
}

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    size_t t = (size_t)p->t, d = (size_t)p->d, rows = (size_t)p->b * (size_t)p->h * t;
    (void)q, (void)k;
    for (size_t row = 0; row < rows; row++) {
        size_t i = row % t, head = (row - i) * d;
        size_t seen = kv_len ? (size_t)kv_len[row / t / (size_t)p->h] : t;
        if (p->causal && seen > i + 1)
            seen = i + 1;
        query(p, seen, v + head, o + row * d);
    }
    return 0;
}
