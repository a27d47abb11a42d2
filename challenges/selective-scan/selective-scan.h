/* SPDX-License-Identifier: MIT */
/* The contract of selective-scan: what a solution includes and the harness calls. The recurrence of a Mamba layer
 * (Gu and Dao 2023, arXiv:2312.00752, algorithm 2) over a stretch of tokens, from one state to the next. */
#ifndef SELECTIVE_SCAN_H
#define SELECTIVE_SCAN_H

#include <stdint.h>

struct selective_scan_params {
    int32_t b, t, c, s;     /* batches, tokens, channels, states of a channel; each >= 0 */
    int32_t softplus_delta; /* 1: the step is log(1 + exp(delta)); 0: it is delta */
};

/* For every batch, channel i and state j, from h_ij = h0[batch][i][j] (or 0), token after token:
 *
 *     step = delta[t][i]  or  log(1 + exp(delta[t][i]))
 *     h_ij = exp(step*A[i][j]) * h_ij + step * B[t][j] * u[t][i]
 *     y[t][i] = C[t][0]*h_i0 + ... + C[t][s-1]*h_i,s-1 + D[i]*u[t][i]        with the new h
 *
 *   u, delta  [b][t][c]  delta is 0 .. 1000, or with softplus_delta = 1 from -100 to 100
 *   A         [c][s]     -1000 .. -1e-6
 *   B, C      [b][t][s]
 *   D         [c]
 *   h0        [b][c][s]  or NULL: start from zeros
 *   y         [b][t][c]  written in full
 *   h_last    [b][c][s]  written in full: the state after the last token, which is h0 when there are no tokens
 *
 * Tensors are dense and row-major, start at any address that suits a float, and do not overlap. All inputs are finite,
 * at most 1e4 in magnitude where nothing else is said, and only read; what an output holds before the call does not
 * count. Memory from malloc is fine. One thread. Returns 0. */
int selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                   const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last);

#endif
