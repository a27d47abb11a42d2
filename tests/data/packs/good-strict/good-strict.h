/* SPDX-License-Identifier: MIT */
/* The contract of good-strict. */
#ifndef GOOD_STRICT_H
#define GOOD_STRICT_H

#include <stdint.h>

struct good_strict_params {
    int32_t n; /* 0 .. 1048576 */
    float a;
};

/* y[i] = a*x[i] for 0 <= i < n. x and y do not overlap. Returns 0. */
int good_strict(const struct good_strict_params *p, const float *x, float *y);

#endif
