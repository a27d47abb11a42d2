/* SPDX-License-Identifier: MIT */
/* Causal multi-head attention, forward: o_i = sum_j p_ij v_j, p_i = softmax of scale*<q_i,k_j> over the visible j.
 * Vaswani et al., Attention Is All You Need, 2017, section 3.2.1. */
#ifndef REFERENCE_ATTENTION_H
#define REFERENCE_ATTENTION_H

#include "reference/real.h"

/* Key j is visible to query i iff (!causal || j <= i) and (kv_len == NULL || j < kv_len[batch]). A query that sees no
 * key gives zeros; keys and values at j >= kv_len are never read. */
struct attention {
    size_t batches, heads, tokens, width; /* b, h, t, d */
    int causal;
    real scale;
    const real *q, *k, *v; /* [b][h][t][d] */
    const int32_t *kv_len; /* [b], each 0 .. t; or NULL */
};

#define attention_forward REAL_FN(attention_forward)
#define attention_plain   REAL_FN(attention_plain)
#define attention_gauge   REAL_FN(attention_gauge)

/* Tiles of queries and keys, vectorised exp, and no work on tiles that the mask hides.
 *
 * gauge (NULL or [b][h][t][d]) is the first-order condition term of each output in units of u:
 *     g_ic = sum_j p_ij |v_jc|  +  sum_j p_ij |v_jc - o_ic| a_ij,
 *     a_ij = |scale| sum_l |q_il k_jl|  +  |s_ij - max_j s_ij|,
 * because a logit off by ds_j moves o_ic by p_ij (v_jc - o_ic) ds_j, a dot product has an error of at most
 * n*u*sum|q k|, and the argument of exp, s - max, is rounded once more.
 * Returns 0, or -1 when there is no memory. */
int attention_forward(const struct attention *a, real *o, real *gauge);

/* The gauge alone, of an answer o. */
int attention_gauge(const struct attention *a, const real *o, real *gauge);

/* The textbook loops, one query at a time, sums in the order of the index. Same results, other rounding. */
int attention_plain(const struct attention *a, real *o);

#endif
