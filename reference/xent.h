/* SPDX-License-Identifier: MIT */
/* Softmax cross-entropy of whole rows with its gradient, label smoothing and ignored rows.
 *
 * For row i with logits x, target t, smoothing s, and v classes:
 *   lse  = log(sum_j exp(x_j)),   p_j = exp(x_j - lse)
 *   loss = (1-s)*(lse - x_t) + s*(lse - mean_j x_j)
 *   gradient_j = (p_j - s/v - (1-s)*[j = t]) / M
 * where M is the number of rows that are not ignored: the gradient is that of the mean of the losses. A row whose
 * target equals ignore_index has loss 0 and gradient 0; with M = 0 everything is 0. Nothing is read from columns v ..
 * ldx-1. Sources: Bridle (1990) for the softmax and its likelihood; Szegedy et al. (2016) for the smoothing.
 *
 * No BLAS call is used: the pass that would be a scal also subtracts the smoothing term, and a plain vector loop over
 * a row that is still in the second-level cache beats sscal by 5 to 15 per cent. */
#ifndef REFERENCE_XENT_H
#define REFERENCE_XENT_H

#include "reference/real.h"

struct xent_shape {
    size_t n, v, ldx; /* rows, classes, distance between rows of the logits: ldx >= v */
    int32_t ignore_index;
    double smoothing; /* 0 <= s <= 1; a double in both builds, so that they share this struct */
};

#define xent       REAL_FN(xent)
#define xent_plain REAL_FN(xent_plain)
#define xent_gauge REAL_FN(xent_gauge)

/* logits[n][ldx], target[n] in 0 .. v-1 or ignore_index; row_loss[n], gradient[n][v]. No aliasing. */
void xent(const struct xent_shape *shape, const real *logits, const int32_t *target, real *row_loss, real *gradient);

/* The same mathematics in the most ordinary order: libm's exp, one running sum, lse formed before anything is
 * subtracted from it. It rounds differently from xent(), which is its purpose. */
void xent_plain(const struct xent_shape *shape, const real *logits, const int32_t *target, real *row_loss,
                real *gradient);

/* First-order condition terms. With m = max x, z = sum exp(x_j - m), D = sum_j p_j*|x_j - m|:
 *   loss:     |log z| + |lse| + 1 + D + (1-s)*|x_t - m| + s*mean_j |x_j - m|
 *   gradient: (p_j*(2 + |x_j - m| + D + |lse|) + s/v + [j = t]) / M
 * Rounding x_j - m by one part in 1/u moves exp by u*|x_j - m|; the sum z inherits the weighted mean D of those; |lse|
 * is there for solutions that subtract a rounded lse; taking the one-hot or the s/v away rounds in absolute terms.
 * Ignored rows get 0: only an exact 0 is right there. Either gauge may be NULL. */
void xent_gauge(const struct xent_shape *shape, const real *logits, const int32_t *target, real *gauge_loss,
                real *gauge_gradient);

#endif
