/* SPDX-License-Identifier: MIT */
/* The contract of good-descent. */
#ifndef GOOD_DESCENT_H
#define GOOD_DESCENT_H

#include <stdint.h>

/* With w = start at first: loss[k] = mean(w*w/2), then w -= rate*w, for 0 <= k < steps. start holds n numbers, n is 1
 * to 256; nothing overlaps. Returns 0. */
int good_descent(int32_t n, int32_t steps, float rate, const float *start, float *loss);

#endif
