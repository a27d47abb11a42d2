/* SPDX-License-Identifier: MIT */
/* Attention in register tiles: the oracle, the baseline to beat, and a plain second opinion. */
#include "reference/attention.h"

static struct attention problem(const struct attention_params *p, const real *q, const real *k, const real *v,
                                const int32_t *kv_len) {
    return (struct attention){.batches = (size_t)p->b,
                              .heads = (size_t)p->h,
                              .tokens = (size_t)p->t,
                              .width = (size_t)p->d,
                              .causal = p->causal,
                              .scale = (real)p->scale,
                              .q = q,
                              .k = k,
                              .v = v,
                              .kv_len = kv_len};
}

int reference_attention_causal(const struct attention_params *p, const real *q, const real *k, const real *v,
                               const int32_t *kv_len, real *o, real *gauge_o) {
    const struct attention a = problem(p, q, k, v, kv_len);
    return attention_forward(&a, o, gauge_o);
}

int plain_attention_causal(const struct attention_params *p, const real *q, const real *k, const real *v,
                           const int32_t *kv_len, real *o) {
    const struct attention a = problem(p, q, k, v, kv_len);
    return attention_plain(&a, o);
}
