/* SPDX-License-Identifier: MIT */
/* The pre-LN transformer block, forward and backward:
 *
 *   mid = x + proj(attention(LN1 x))      y = mid + out(gelu(fc(LN2 mid)))
 *
 * with causal multi-head attention, softmax of q k^T/sqrt(width/heads). One linear layer makes q, k and v: its 3*width
 * columns are the thirds q | k | v, and inside each third the heads lie one after the other. Weights are [in][out].
 * Vaswani et al. 2017; the normalisation before each branch as in Radford et al. 2019.
 *
 * Nothing here allocates. A caller binds a tape (what the backward pass needs of the forward pass) and a scratch to
 * storage of its own, once, and may use the scratch for any number of blocks. The plain variants are loops in the order
 * of the index without BLAS; they use the same tape and scratch, and may be mixed with the others. */
#ifndef REFERENCE_BLOCK_H
#define REFERENCE_BLOCK_H

#include "reference/real.h"

/* heads >= 1 divides width. batches, tokens and hidden may be 0. */
struct block_shape {
    size_t batches, tokens, width, heads, hidden; /* b, t, d, h, f */
    double eps;                                   /* of both normalisations; a double in both builds */
};

/* In the order in which they lie in a flat array of parameters. */
struct block_weights {
    const real *ln1_gain, *ln1_bias; /* [d] */
    const real *qkv_w, *qkv_b;       /* [d][3d], [3d] */
    const real *proj_w, *proj_b;     /* [d][d], [d] */
    const real *ln2_gain, *ln2_bias; /* [d] */
    const real *fc_w, *fc_b;         /* [d][f], [f] */
    const real *out_w, *out_b;       /* [f][d], [d] */
};

struct block_gradients {
    real *ln1_gain, *ln1_bias, *qkv_w, *qkv_b, *proj_w, *proj_b;
    real *ln2_gain, *ln2_bias, *fc_w, *fc_b, *out_w, *out_b;
};

/* Rows are b*t. What block_forward() leaves for block_backward(). */
struct block_tape {
    real *ln1_mean, *ln1_rstd; /* [rows] */
    real *ln1_y;               /* [rows][d] */
    real *qkv;                 /* [rows][3d] */
    real *weights;             /* [b][h][t][t]: softmax of row i over 0 .. i; what lies beyond i is not defined */
    real *mixed;               /* [rows][d]: the heads' outputs side by side */
    real *mid;                 /* [rows][d] */
    real *ln2_mean, *ln2_rstd; /* [rows] */
    real *ln2_y;               /* [rows][d] */
    real *fc;                  /* [rows][f]: before the GELU */
    real *act;                 /* [rows][f]: after it */
};

#define block_parameter_reals REAL_FN(block_parameter_reals)
#define block_weights_at      REAL_FN(block_weights_at)
#define block_gradients_at    REAL_FN(block_gradients_at)
#define block_tape_reals      REAL_FN(block_tape_reals)
#define block_tape_at         REAL_FN(block_tape_at)
#define block_scratch_reals   REAL_FN(block_scratch_reals)
#define block_forward         REAL_FN(block_forward)
#define block_forward_plain   REAL_FN(block_forward_plain)
#define block_backward        REAL_FN(block_backward)
#define block_backward_plain  REAL_FN(block_backward_plain)

/* All twelve tensors one after the other: 12d^2 + 13d for f = 4d. */
size_t block_parameter_reals(const struct block_shape *shape);
struct block_weights block_weights_at(const struct block_shape *shape, const real *flat);
struct block_gradients block_gradients_at(const struct block_shape *shape, real *flat);

/* The tape cut out of `storage`, which has block_tape_reals(shape) elements that need no initial value. */
size_t block_tape_reals(const struct block_shape *shape);
struct block_tape block_tape_at(const struct block_shape *shape, real *storage);

/* What block_backward() needs as `scratch`; its contents mean nothing between calls. */
size_t block_scratch_reals(const struct block_shape *shape);

/* y[b][t][d] from x[b][t][d]; fills the tape. No overlap. y may be NULL, for a backward pass that computes the forward
 * pass once more: it needs the tape, and not the last product. */
void block_forward(const struct block_shape *shape, const struct block_weights *w, const real *x,
                   const struct block_tape *tape, real *y);
void block_forward_plain(const struct block_shape *shape, const struct block_weights *w, const real *x,
                         const struct block_tape *tape, real *y);

/* dx is overwritten, the twelve gradients are ADDED to their contents: zero them first. x and the tape are those of the
 * forward pass. No overlap. */
void block_backward(const struct block_shape *shape, const struct block_weights *w, const real *x,
                    const struct block_tape *tape, const real *dy, real *scratch, real *dx,
                    const struct block_gradients *g);
void block_backward_plain(const struct block_shape *shape, const struct block_weights *w, const real *x,
                          const struct block_tape *tape, const real *dy, real *scratch, real *dx,
                          const struct block_gradients *g);

#endif
