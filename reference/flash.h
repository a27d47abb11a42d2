/* SPDX-License-Identifier: MIT */
/* Attention over a band of keys, forward, in blocks: no array of it is as long as the sequence. Queries and keys may be
 * of different number (a chunk of a prompt, a single new token), and each query sees a window of keys.
 *
 * T. Dao et al., FlashAttention, 2022, arXiv:2205.14135; M. Milakov and N. Gimelshein, 2018, arXiv:1805.02867. */
#ifndef REFERENCE_FLASH_H
#define REFERENCE_FLASH_H

#include "reference/real.h"

/* Key j is visible to query i iff j <= i + offset and (window == 0 || j > i + offset - window). */
struct flash {
    size_t heads, queries, keys, width; /* h, tq, tk, d */
    int64_t offset, window;
    real scale;
    const real *q;     /* [h][tq][d] */
    const real *k, *v; /* [h][tk][d] */
};

/* The keys first .. end-1, which one query sees. */
struct flash_span {
    size_t first, end;
};

#define flash_visible REAL_FN(flash_visible)
#define flash_forward REAL_FN(flash_forward)
#define flash_plain   REAL_FN(flash_plain)

struct flash_span flash_visible(const struct flash *a, size_t query);

/* o[h][tq][d], lse[h][tq]: the weighted means, and log of the sum of exp(s_ij). A query that sees no key gives zeros
 * and -infinity. Keys and values that no query sees are not read.
 *
 * Gauges (NULL, or shaped like their output) are first-order condition terms in units of u:
 *     g_ic = sum_j p_ij |v_jc|  +  sum_j p_ij |v_jc - o_ic| a_ij,
 *     a_ij = |scale| sum_l |q_il k_jl|  +  |s_ij - max_j s_ij|,
 *     g_lse = |lse_i| + 1 + sum_j p_ij a_ij.
 * Returns 0, or -1 when there is no memory. */
int flash_forward(const struct flash *a, real *o, real *lse, real *gauge_o, real *gauge_lse);

/* The textbook loops, one query at a time, sums in the order of the index. Same results, other rounding. */
int flash_plain(const struct flash *a, real *o, real *lse);

#endif
