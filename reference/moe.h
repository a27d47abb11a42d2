/* SPDX-License-Identifier: MIT */
/* A mixture of experts behind a top-k router with a capacity, for tokens x[n][d] (Shazeer et al. 2017; Lepikhin et al.
 * 2020; Fedus, Zoph and Shazeer 2021).
 *
 *   l = x wr, p = softmax(l) over the experts
 *   the k largest logits choose, largest first, the lower index first among equals
 *   gate = p of the chosen, divided by their sum if `renormalise`
 *   slot = the number of choices of the same expert in front of this one, token after token; -1 from `capacity` on
 *   y = sum over the choices with a slot of gate * W2^T silu(W1^T x)
 *   aux = e * sum_i (share of tokens whose largest logit is i's) * (mean of p_i); 0 without tokens or experts
 *
 * Any size may be 0. All functions return 0, or -1 without memory. */
#ifndef REFERENCE_MOE_H
#define REFERENCE_MOE_H

#include <stdbool.h>

#include "reference/real.h"

struct moe {
    size_t tokens, width, experts, chosen, hidden; /* n, d, e, k <= e, f */
    size_t capacity;
    bool renormalise;
    const real *x;  /* [n][d] */
    const real *wr; /* [d][e] */
    const real *w1; /* [e][d][f] */
    const real *w2; /* [e][f][d] */
};

struct moe_routing {
    int32_t *expert, *slot; /* [n][k] */
    real *gate, *aux;       /* [n][k], [1] */
};

#define moe_route          REAL_FN(moe_route)
#define moe_choose         REAL_FN(moe_choose)
#define moe_combine        REAL_FN(moe_combine)
#define moe_plain          REAL_FN(moe_plain)
#define moe_route_gauge    REAL_FN(moe_route_gauge)
#define moe_combine_gauge  REAL_FN(moe_combine_gauge)
#define moe_turn_near_ties REAL_FN(moe_turn_near_ties)
#define moe_product        REAL_FN(moe_product)
#define moe_place          REAL_FN(moe_place)
#define MOE_CLEAR_GAP      64 /* in units of 2^-24 times the gauge of a logit */

/* All four members of *out are written. */
int moe_route(const struct moe *moe, struct moe_routing *out);

/* The indices of the `count` largest of logits[experts] in the order of choice. */
void moe_choose(const real *logits, size_t experts, size_t count, int32_t *choice);

/* y[n][d] by the routing: tokens are gathered by expert and go through two matrix products. */
int moe_combine(const struct moe *moe, const struct moe_routing *routing, real *y);

/* The same without BLAS, by another algorithm: token by token and choice by choice, in the order of the index. */
int moe_plain(const struct moe *moe, struct moe_routing *out, real *y);

/* Gauges of gate[n][k] and aux[1]; either may be NULL. With a_i = sum |x||wr| and c = sum_j p_j max_l - l_j, a
 * probability loses, and so does a renormalised gate where the sums are over the chosen ones,
 *
 *   p_i * ((1-p_i) a_i + sum_(j != i) p_j a_j + c + (max_l - l_i) + |max_l| + 2) + 2^-102
 *
 * where |max_l| is for those who take exp(l - log of the sum). The mean of n of them loses the root of the sum of their
 * squares, over n, and itself three times. */
int moe_route_gauge(const struct moe *moe, const struct moe_routing *routing, real *gauge_gate, real *gauge_aux);

/* Gauge of y. A hidden value z loses b = sum |x||w1|, h = silu(z) loses s = |silu'(z)| b + |h|. Those losses are
 * independent of each other, so they add up by their squares:
 *
 *   sum over choices of  gauge_gate |o| + gate (sum |h||w2| + sqrt(sum (s w2)^2) + |o|),   o = W2^T h */
int moe_combine_gauge(const struct moe *moe, const struct moe_routing *routing, const real *gauge_gate, real *gauge_y);

/* Turns tokens until rounding cannot change what they choose: while two logits whose order counts are less than
 * MOE_CLEAR_GAP apart, each element of the token moves one place on, and the one that comes round at the end changes
 * its sign. Tokens of zeros tie exactly and stay. With `spread`, tokens also turn until no expert is chosen twice.
 * Changes x, which may be moe->x. -1 if a token finds no place. */
int moe_turn_near_ties(const struct moe *moe, bool spread, real *x);

/* out[rows][columns] = left[rows][inner] right[inner][columns], fast for few rows too, where BLAS spends its time on
 * rearranging `right`. */
void moe_product(size_t rows, size_t columns, size_t inner, const real *left, const real *right, real *out);

/* The choices that have a slot, in the order of experts and slots: first[e+1] are the experts' first ones. Returns an
 * array of choice numbers token*k + rank, or NULL without memory. */
size_t *moe_place(const struct moe *moe, const struct moe_routing *routing, size_t *first);

#endif
