/* SPDX-License-Identifier: MIT */
/* The selective scan of Mamba: for every batch and channel a row of states that decays by exp(delta*A) at each token,
 * takes up delta*B*u, and is read out through C.
 *
 *     h_t = exp(dt*A) h_(t-1) + dt*B_t*u_t        y_t = <C_t, h_t> + D*u_t        dt = delta or softplus(delta)
 *
 * A. Gu and T. Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, 2023, algorithm 2. */
#ifndef REFERENCE_SCAN_H
#define REFERENCE_SCAN_H

#include <stdbool.h>

#include "reference/real.h"

struct scan {
    size_t batches, tokens, channels, states; /* b, t, c, s */
    bool softplus;                            /* of delta, which is taken as it is otherwise */
    const real *u, *delta;                    /* [b][t][c] */
    const real *A;                            /* [c][s], negative */
    const real *B, *C;                        /* [b][t][s] */
    const real *D;                            /* [c] */
    const real *h0;                           /* [b][c][s], or NULL for zeros */
};

#define scan_softplus REAL_FN(scan_softplus)
#define scan_forward  REAL_FN(scan_forward)
#define scan_plain    REAL_FN(scan_plain)

/* out[i] = log(1 + exp(x[i])), with a small relative error on both sides: for x far below 0 it is exp(x), far above it
 * is x. x == out is allowed. Vectorised. */
void scan_softplus(const real *x, size_t n, real *out);

/* y [b][t][c] and h_last [b][c][s], the state after the last token (h0 without tokens). Token by token, vectorised over
 * blocks of channels. Returns 0, or -1 when there is no memory.
 *
 * gauge_y and gauge_h_last (either may be NULL) are what the two lose to rounding, in units of u. A step loses
 *
 *     e_t = |a h_(t-1)| (1 + |dt*A|) + |dt*B*u| + |h_t|        a = exp(dt*A)
 *
 * since the argument of exp is rounded; with softplus dt has an error of its own, and the parts with dt count twice.
 * The errors of different steps have nothing to do with each other, so they add up as deviations do:
 *
 *     E_t^2 = (a E_(t-1))^2 + e_t^2        of y: sum_s |C| E_t + |D u|        of h_last: E_T
 *
 * The sum of their magnitudes, which is the worst case, would be larger by the root of the length of the memory: with
 * a = 1 - 1e-4 it would allow what bfloat16 loses. */
int scan_forward(const struct scan *scan, real *y, real *h_last, real *gauge_y, real *gauge_h_last);

/* The same by another algorithm: for one state at a time, chunks of tokens from a zero state, and then what the
 * product of the decays leaves of the state before the chunk. Returns 0, or -1 when there is no memory. */
int scan_plain(const struct scan *scan, real *y, real *h_last);

#endif
