/* SPDX-License-Identifier: MIT */
/* The contract of good-measure. */
#ifndef GOOD_MEASURE_H
#define GOOD_MEASURE_H

#include <stdint.h>

struct good_measure_params {
    int32_t n; /* 1 .. 4096 */
};

/* Sets w[0] and w[1] so that w[0]*w[1]*x[i] is the least-squares fit of y[i], 0 <= i < n. Returns 0. */
int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w);

#endif
