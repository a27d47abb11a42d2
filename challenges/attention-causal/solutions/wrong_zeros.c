// expect: wrong_answer
// harness: attention-causal
//
// Answers zero, which any absolute tolerance would accept where the values are tiny.
#include "attention-causal.h"

#include <string.h>

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    (void)q, (void)k, (void)v, (void)kv_len;
    memset(o, 0, (size_t)p->b * (size_t)p->h * (size_t)p->t * (size_t)p->d * sizeof *o);
    return 0;
}
