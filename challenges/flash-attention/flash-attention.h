/* SPDX-License-Identifier: MIT */
/* Attention over a band of keys in memory that does not grow with the sequence, forward pass, in float32.
 *
 *     s_ij  = scale * sum_l q_il k_jl
 *     lse_i = log( sum over visible j of exp(s_ij) )
 *     o_ic  = sum over visible j of exp(s_ij - lse_i) v_jc
 *
 * for every head on its own. Key j is visible to query i if and only if
 *     j <= i + q_offset   and   (window == 0 or j > i + q_offset - window).
 * A query that sees no key gets o = 0 and lse = -INFINITY.
 *
 * T. Dao et al., FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness, 2022 (arXiv:2205.14135). */
#ifndef FLASH_ATTENTION_H
#define FLASH_ATTENTION_H

#include <stdint.h>

struct flash_params {
    int32_t h, tq, tk, d; /* heads, queries, keys, width of a head; d >= 1, the others may be 0 */
    int32_t q_offset;     /* the position of query 0 among the keys; may be negative, and beyond the last key */
    int32_t window;       /* >= 0; how many positions a query looks back on, its own included. 0: all of them */
    float scale;          /* multiplies the logits; normally 1/sqrt(d), but use the one that is given */
};

/* All tensors are dense and row-major and do not overlap.
 *   q     [h][tq][d]   read only
 *   k, v  [h][tk][d]   read only. What no query sees may hold anything, NaN included; the rest is finite.
 *   o     [h][tq][d]   every element must be written; it holds garbage before the call
 *   lse   [h][tq]      the same
 * Memory: the stack of 256 KiB and 16 KiB of static data, no malloc. One thread.
 * Returns 0; anything else says that you gave up. */
int flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o, float *lse);

#endif
