/* SPDX-License-Identifier: MIT */
/* Gradients that travel in binary16, and the dynamic loss scale that keeps them in its range (Micikevicius et al. 2018,
 * Mixed Precision Training). */
#ifndef REFERENCE_SCALER_H
#define REFERENCE_SCALER_H

#include <stdbool.h>

#include "reference/real.h"

struct scaler {
    double scale;
    int64_t good;            /* steps without overflow since the scale last changed */
    int64_t growth_interval; /* good steps after which it doubles; 0: it never does */
    double backoff;          /* factor after an overflow: 1/2 */
};

#define scaler_half     REAL_FN(scaler_half)
#define scaler_bfloat   REAL_FN(scaler_bfloat)
#define scaler_compress REAL_FN(scaler_compress)
#define scaler_broken   REAL_FN(scaler_broken)
#define scaler_advance  REAL_FN(scaler_advance)

/* The nearest binary16 (bfloat16) number, ties to even, overflow to infinity, subnormals kept. */
double scaler_half(double x);
double scaler_bfloat(double x);

/* x[i] = half(x[i]*scale) */
void scaler_compress(double scale, size_t n, real *x);

/* How many of x[n] are not finite. */
size_t scaler_broken(const real *x, size_t n);

/* After a step: scale *= backoff on overflow; scale *= 2 after growth_interval good steps in a row. */
void scaler_advance(struct scaler *scaler, bool overflow);

#endif
