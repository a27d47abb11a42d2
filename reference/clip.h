/* SPDX-License-Identifier: MIT */
/* Clipping by the global norm (Pascanu, Mikolov, Bengio 2013). */
#ifndef REFERENCE_CLIP_H
#define REFERENCE_CLIP_H

#include "reference/real.h"

#define clip_norm  REAL_FN(clip_norm)
#define clip_scale REAL_FN(clip_scale)

/* sqrt(sum x^2), accumulated in double: finite for every finite float32 x. */
double clip_norm(const real *x, size_t n);

/* Scales g to norm max_norm if norm > max_norm, and returns the factor, else 1 with g untouched. An infinite norm gives
 * the factor 0 and so NaNs where g is infinite: broken gradients stay visibly broken. */
double clip_scale(double norm, double max_norm, size_t n, real *g);

#endif
