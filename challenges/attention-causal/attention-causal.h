/* SPDX-License-Identifier: MIT */
/* Causal multi-head attention, forward pass, in float32.
 *
 *     s_ij = scale * sum_l q_il k_jl
 *     p_ij = exp(s_ij) / sum over visible j' of exp(s_ij')    for visible j, else 0
 *     o_ic = sum_j p_ij v_jc
 *
 * for every batch and head on its own. Key j is visible to query i if and only if
 *     (causal == 0 or j <= i)  and  (kv_len == NULL or j < kv_len[batch]).
 * A query that sees no key gets zeros.
 *
 * A. Vaswani et al., Attention Is All You Need, 2017 (arXiv:1706.03762), sections 3.2.1 and 3.2.3. */
#ifndef ATTENTION_CAUSAL_H
#define ATTENTION_CAUSAL_H

#include <stdint.h>

struct attention_params {
    int32_t b, h, t, d; /* batches, heads, tokens, width of a head; each >= 0 */
    int32_t causal;     /* 0: every key within kv_len is visible; 1: only keys at or before the query */
    float scale;        /* multiplies the logits; normally 1/sqrt(d), but use the one that is given */
};

/* All tensors are dense and row-major, [b][h][t][d], and do not overlap.
 *   q, k, v  read only. Keys and values at j >= kv_len[batch] may hold anything, NaN included: do not let them in.
 *   kv_len   [b], each 0 .. t; or NULL, which means that no key is cut off.
 *   o        every element must be written. It holds garbage before the call.
 * Memory from malloc is fine; so is the stack within 8 MiB. One thread.
 * Returns 0; anything else says that you gave up. */
int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o);

#endif
