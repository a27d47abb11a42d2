/* SPDX-License-Identifier: MIT */
/* The middle of a transformer block: causal attention of all heads, forward and backward, on the combined array
 * qkv[b*t][3d] as one linear layer makes it. Unlike reference/attention.h, which takes q, k and v apart and keeps
 * nothing, it works in place on the thirds and keeps the weights for the backward pass. */
#ifndef REFERENCE_BLOCK_ATTENTION_H
#define REFERENCE_BLOCK_ATTENTION_H

#include "reference/block.h"

/* Rows of scores that are worked on at a time; their keys end at the last of them, which skips most of what the mask
 * hides. */
enum { BLOCK_STRIPE = 64 };

#define heads_forward        REAL_FN(heads_forward)
#define heads_forward_plain  REAL_FN(heads_forward_plain)
#define heads_backward       REAL_FN(heads_backward)
#define heads_backward_plain REAL_FN(heads_backward_plain)

/* mixed[b*t][d] and weights[b][h][t][t] from qkv. */
void heads_forward(const struct block_shape *shape, const real *qkv, real *weights, real *mixed);
void heads_forward_plain(const struct block_shape *shape, const real *qkv, real *weights, real *mixed);

/* d_qkv[b*t][3d] from d_mixed[b*t][d]; stripe is a scratch of BLOCK_STRIPE*t. */
void heads_backward(const struct block_shape *shape, const real *qkv, const real *weights, const real *d_mixed,
                    real *stripe, real *d_qkv);
void heads_backward_plain(const struct block_shape *shape, const real *qkv, const real *weights, const real *d_mixed,
                          real *stripe, real *d_qkv);

#endif
