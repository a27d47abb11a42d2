/* SPDX-License-Identifier: MIT */
/* AdamW (Loshchilov and Hutter 2019; Adam: Kingma and Ba 2015): decay is decoupled from the moments and applies to the
 * parts that ask for it.
 *
 *   m = b1 m + (1-b1) g      v = b2 v + (1-b2) g^2
 *   update = lr*((m/(1-b1^t))/(sqrt(v/(1-b2^t)) + eps) + decay*w)      w = w - update */
#ifndef REFERENCE_ADAMW_H
#define REFERENCE_ADAMW_H

#include <stdbool.h>

#include "reference/real.h"

struct adamw {
    double beta1, beta2, eps, weight_decay;
};

/* A run of parameters that decay or do not. */
struct adamw_part {
    size_t offset, count;
    bool decays;
};

#define adamw_power  REAL_FN(adamw_power)
#define adamw_update REAL_FN(adamw_update)
#define adamw_apply  REAL_FN(adamw_apply)
#define adamw_fused  REAL_FN(adamw_fused)

/* base^n by squaring: the same bits everywhere, which pow() does not promise. n >= 0. */
double adamw_power(double base, int64_t n);

/* Update number t >= 1: moves m and v of every part and writes update[]; w is only read. All four arrays cover the
 * parts' offsets. No overlap. */
void adamw_update(const struct adamw *rule, int64_t t, double rate, const struct adamw_part *part, size_t parts,
                  const real *gradient, const real *w, real *m, real *v, real *update);

/* w -= update */
void adamw_apply(size_t n, const real *update, real *w);

/* Both in one pass over n elements that all decay, with the gradient times `factor`: each of w, m and v is read and
 * written once, and a clipped gradient is never stored. */
void adamw_fused(const struct adamw *rule, int64_t t, double rate, double factor, size_t n, const real *gradient,
                 real *w, real *m, real *v);

#endif
