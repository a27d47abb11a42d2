// harness: attention-causal
//
// Causal multi-head attention. The contract is in attention-causal.h, the statement in README.md.
//
// This file compiles and runs, but it answers every query with zeros. A way to begin:
//   1. one query: its logits against the keys it sees, and their maximum;
//   2. the numerators exp(s - maximum) and their sum; a query that sees no key keeps its zeros;
//   3. the mean of the values with these weights;
//   4. when `harness run` accepts that: see where the time goes (`harness profile`), and block the loops.
#include "attention-causal.h"

#include <math.h>
#include <stddef.h>

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    size_t count = (size_t)p->b * (size_t)p->h * (size_t)p->t * (size_t)p->d;
    (void)q, (void)k, (void)v, (void)kv_len;
    for (size_t i = 0; i < count; i++)
        o[i] = 0.0f;
    return 0;
}
