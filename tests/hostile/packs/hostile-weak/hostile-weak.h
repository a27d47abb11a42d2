/* SPDX-License-Identifier: MIT */
/* The contract of hostile-weak. */
#ifndef HOSTILE_WEAK_H
#define HOSTILE_WEAK_H

#include <stdint.h>

/* c = alpha * a * b for row-major (n, n) matrices, 0 <= n <= 1024; nothing overlaps. Returns 0. */
int hostile_weak(int32_t n, float alpha, const float *a, const float *b, float *c);

#endif
