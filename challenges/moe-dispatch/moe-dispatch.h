/* SPDX-License-Identifier: MIT */
/* The contract of moe-dispatch: what a solution includes and the harness calls. A layer of experts behind a top-k
 * router with a capacity (Shazeer et al. 2017, arXiv:1701.06538; Lepikhin et al. 2020, arXiv:2006.16668; Fedus, Zoph
 * and Shazeer 2021, arXiv:2101.03961). */
#ifndef MOE_DISPATCH_H
#define MOE_DISPATCH_H

#include <stdint.h>

struct moe_params {
    int32_t n, d, e, k; /* tokens, width, experts, experts of a token: k <= e */
    int32_t capacity;   /* tokens that an expert takes, >= 0 */
    int32_t f;          /* hidden width of an expert */
    int32_t renorm;     /* 1: the gates of a token are divided by their sum; 0: they are probabilities of all experts */
};

/* For each token t, with the logits l = x[t] * wr and p = softmax(l) over all e experts:
 *
 *     expert[t][0..k)  the k experts with the largest logits, largest first; of equal logits the lower index first
 *     gate[t][j]       p of expert[t][j]; with renorm divided by the sum of p over the token's k experts
 *     slot[t][j]       how many (t', j') with t' < t, or t' = t and j' < j, have the same expert; -1 (dropped) if that
 *                      is capacity or more
 *     y[t]             sum over the j that are not dropped of gate[t][j] * silu(x[t] * w1[i]) * w2[i], i = expert[t][j]
 *     aux[0]           e * sum over the experts i of f_i * P_i, f_i the share of tokens with expert i in front (whether
 *                      dropped or not), P_i the mean of p_i over the tokens; 0 if n or e is 0
 *
 *   x   [n][d]      y      [n][d]  zeros for a token of which all is dropped
 *   wr  [d][e]      expert [n][k]
 *   w1  [e][d][f]   slot   [n][k]
 *   w2  [e][f][d]   gate   [n][k]  of the dropped ones too
 *                   aux    [1]
 *
 * silu(z) = z/(1 + exp(-z)). Any size may be 0. Tensors are dense and row-major, start at any address that suits a
 * float, and do not overlap. All inputs are finite, at most 1e4 in magnitude, and only read; all outputs are written
 * in full, and what they hold before the call does not count. Logits whose order counts are exactly equal, in any
 * order of summation, or far enough apart for float32. Memory from malloc is fine. One thread. Returns 0. */
int moe_dispatch(const struct moe_params *p, const float *x, const float *wr, const float *w1, const float *w2,
                 float *y, int32_t *expert, int32_t *slot, float *gate, float *aux);

#endif
