/* SPDX-License-Identifier: MIT */
/* The contract of good-scale. */
#ifndef GOOD_SCALE_H
#define GOOD_SCALE_H

#include <stdint.h>

struct good_scale_params {
    int32_t n; /* 0 .. 1048576 */
    float a;
};

/* y[i] = a*x[i] for 0 <= i < n. x and y do not overlap. Returns 0. */
int good_scale(const struct good_scale_params *p, const float *x, float *y);

#endif
