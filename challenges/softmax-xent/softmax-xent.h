/* SPDX-License-Identifier: MIT */
/* Fused softmax cross-entropy: the loss of every row and the gradient of the mean loss, in one call. */
#ifndef SOFTMAX_XENT_H
#define SOFTMAX_XENT_H

#include <stdint.h>

struct softmax_xent_params {
    int32_t n;            /* rows (tokens), >= 0 */
    int32_t v;            /* classes (vocabulary), >= 0; with v = 0 every row is an ignored one */
    int32_t ldx;          /* distance in floats from one row of logits to the next, >= v */
    int32_t ignore_index; /* rows with exactly this target do not count; any int32_t, also a valid class */
    float smoothing;      /* label smoothing s, 0 <= s <= 1 */
};

/* For each row i with x = logits[i*ldx + 0 .. v-1], t = target[i], s = smoothing:
 *
 *   lse         = log(sum over j of exp(x[j]))
 *   row_loss[i] = (1-s)*(lse - x[t]) + s*(lse - mean of x)
 *
 * M is the number of rows with target[i] != ignore_index, and
 *
 *   dlogits[i*v + j] = (1/M) * (exp(x[j] - lse) - s/v - (1-s)*[j == t])
 *
 * which is the gradient of (1/M) * sum of the losses. An ignored row has row_loss 0 and a dlogits row of zeros; if
 * every row is ignored, everything is 0.
 *
 *   logits    [n][ldx]  finite in columns 0 .. v-1, of any size up to about 1e31. Columns v .. ldx-1 are padding that
 *                       may hold anything, NaN too, and must not influence the result. Read-only.
 *   target    [n]       0 .. v-1, or ignore_index, which need not be a class. Read-only.
 *   row_loss  [n]       written completely
 *   dlogits   [n][v]    written completely; its rows have no padding
 *
 * No pointer is NULL unless its array has no elements; the arrays do not overlap and are aligned to at least 4 bytes.
 * Returns 0. Results smaller in magnitude than FLT_MIN may be flushed to 0.
 *
 * Sources: J. S. Bridle, "Training stochastic model recognition algorithms as networks can lead to maximum mutual
 * information estimation of parameters", NIPS 1989 (published 1990); C. Szegedy et al., "Rethinking the Inception
 * architecture for computer vision", CVPR 2016, section 7, for label smoothing. */
int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits);

#endif
