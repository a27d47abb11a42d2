/* SPDX-License-Identifier: MIT */
/* The GPT's loss: mean negative log likelihood over all rows, with its gradient in place of the logits.
 * reference/xent.h is the general one; this one has neither smoothing nor ignored rows, overwrites its input, and calls
 * no libm, so that a training run whose curve is kept as data comes out the same with any C library. */
#ifndef REFERENCE_GPT_LOSS_H
#define REFERENCE_GPT_LOSS_H

#include "reference/real.h"

#define nll_mean       REAL_FN(nll_mean)
#define nll_mean_plain REAL_FN(nll_mean_plain)

/* x[rows][v]: logits in, (softmax - onehot)/rows out. Returns the mean over the rows of log sum_j exp(x_j) - x_target,
 * 0 when there are none. Every target is in 0 .. v-1. The sum over rows is kept in double. */
real nll_mean(size_t rows, size_t v, const int32_t *target, real *x);

/* One running sum each in `real`, and libm's exp and log. */
real nll_mean_plain(size_t rows, size_t v, const int32_t *target, real *x);

#endif
