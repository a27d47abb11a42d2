/* SPDX-License-Identifier: MIT */
/* The contract of transformer-block: what a solution includes and the harness calls. One block of a GPT, forward and
 * backward, with its twelve weight tensors as plain arrays. */
#ifndef TRANSFORMER_BLOCK_H
#define TRANSFORMER_BLOCK_H

#include <stdint.h>

struct block_params {
    int32_t b;    /* sequences, 0 to 64 */
    int32_t t;    /* tokens of each, 0 to 1024 */
    int32_t d;    /* width, 1 to 1024 */
    int32_t h;    /* heads, 1 to 64; divides d */
    int32_t f;    /* width of the hidden layer, 1 to 4096 */
    float ln_eps; /* of both normalisations, 1e-8 to 1, added to the variance inside of the root */
};

/*   mid = x   + heads(LN1(x)) wo + bo          y = mid + gelu(LN2(mid) w1 + b1) w2 + b2
 *
 * LN(x) = (x - mean)/sqrt(var + ln_eps)*gain + bias for each row of d numbers, var = the mean of (x - mean)^2.
 * gelu(u) = u/2*(1 + tanh(sqrt(2/pi)*(u + 0.044715*u^3))). heads() is causal attention with softmax of q k^T/sqrt(d/h),
 * for each sequence and head: LN1(x) wqkv + bqkv has 3d columns, q, k and v of d each, and in each of these thirds head
 * 0 has the first d/h columns, head 1 the next. A token sees itself and what comes before it in its sequence. The
 * outputs of the heads stand side by side, in the same order, where wo takes them.
 *
 *   x           [b][t][d]  read-only
 *   ln1g, ln1b  [d]        gain and bias of LN1, read-only, as are all weights
 *   wqkv, bqkv  [d][3*d], [3*d]
 *   wo, bo      [d][d], [d]
 *   ln2g, ln2b  [d]
 *   w1, b1      [d][f], [f]
 *   w2, b2      [f][d], [d]
 *   y           [b][t][d]  every element must be written
 *
 * Everywhere: float32, row-major, dense, nothing overlaps, no pointer is NULL but those of arrays without elements, and
 * nothing is aligned to more than 4 bytes. Memory from malloc is fine. One thread. Returns 0.
 *
 * A. Vaswani et al., "Attention is all you need", arXiv:1706.03762; the order of normalisation and residual is that of
 * A. Radford et al., "Language models are unsupervised multitask learners", 2019. */
int block_forward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b, const float *wqkv,
                  const float *bqkv, const float *wo, const float *bo, const float *ln2g, const float *ln2b,
                  const float *w1, const float *b1, const float *w2, const float *b2, float *y);

/* For the loss L = sum dy*y with dy held constant: writes dx = dL/dx, and ADDS the gradient in each weight to what the
 * array of the same shape holds. Without tokens (b or t is 0) these stay as they are.
 *
 *   dy                [b][t][d]  read-only
 *   dx                [b][t][d]  every element must be written; it holds garbage before the call
 *   dln1g .. db2                 of the shapes of ln1g .. b2
 *
 * The call knows of no forward pass before it: whatever it needs of one it computes again. */
int block_backward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b,
                   const float *wqkv, const float *bqkv, const float *wo, const float *bo, const float *ln2g,
                   const float *ln2b, const float *w1, const float *b1, const float *w2, const float *b2,
                   const float *dy, float *dx, float *dln1g, float *dln1b, float *dwqkv, float *dbqkv, float *dwo,
                   float *dbo, float *dln2g, float *dln2b, float *dw1, float *db1, float *dw2, float *db2);

#endif
