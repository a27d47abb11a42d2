/* SPDX-License-Identifier: MIT */
/* Exponentials of whole rows.
 *
 * The float32 baselines spend a third of their time in exp, and libm's expf is one call per element. exp_fast() is
 * straight-line code that gcc vectorises under -O3 -march=native, so a loop over it runs at a few elements per cycle.
 * The double build is the oracle and takes libm's exp, which is slower and correct to less than one ulp.
 *
 * float32: at most 1 ulp from the correctly rounded result over the whole range, subnormal results included;
 * exp_fast(-inf) = 0, exp_fast(+inf) = inf, NaN gives NaN; beyond 88.72 the result is inf, below -103.98 it is 0.
 * Under flush-to-zero (-Ofast start-up code) subnormal results become 0; no build here sets it. */
#ifndef REFERENCE_EXP_H
#define REFERENCE_EXP_H

#include "reference/real.h"

#if REAL_IS_DOUBLE
static inline real exp_fast(real x) {
    return exp(x);
}
#else
/* exp(x) = 2^n * exp(r), n = round(x/ln 2), |r| <= ln(2)/2, as in Cody and Waite. 2^n is multiplied in two halves, so
 * that neither factor leaves the normal range when the result is subnormal or near FLT_MAX. */
static inline real exp_fast(real x) {
    const float to_integer = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits of the sum */
    float y = x < -104.0f ? -104.0f : x;
    y = y > 89.0f ? 89.0f : y; /* a NaN fails both comparisons and goes through */
    union {
        float f;
        int32_t i;
        uint32_t bits;
    } magic = {.f = y * 0x1.715476p+0f + to_integer}, low, high;
    float n = magic.f - to_integer;
    float r = y - n * 0x1.62e4p-1f; /* 15 bits: the product is exact with and without FMA */
    r = r - n * 0x1.7f7d1cp-20f;
    float p = 0x1.6a2430p-10f;
    p = p * r + 0x1.1239e4p-7f;
    p = p * r + 0x1.5558f2p-5f;
    p = p * r + 0x1.555492p-3f;
    p = p * r + 0x1.fffffcp-2f;
    p = (r * r) * p + r;
    int32_t k = magic.i - 0x4b400000;
    low.bits = (uint32_t)((k >> 1) + 127) << 23;
    high.bits = (uint32_t)(k - (k >> 1) + 127) << 23;
    return (p * low.f + low.f) * high.f;
}
#endif

#define row_max       REAL_FN(row_max)
#define exp_rows      REAL_FN(exp_rows)
#define exp_shift     REAL_FN(exp_shift)
#define exp_shift_sum REAL_FN(exp_shift_sum)

/* Largest of n values, -inf for n = 0. NaNs may be lost: check for them elsewhere. */
real row_max(const real *x, size_t n);

/* out[i] = exp(x[i]). x == out is allowed in all functions here; other overlaps are not. */
void exp_rows(const real *x, size_t n, real *out);

/* out[i] = exp(scale*x[i] - shift), the numerators of a softmax; returns their sum. The sum runs in a few dozen
 * interleaved partial sums, which is both the fast and the accurate order. */
real exp_shift(const real *x, size_t n, real scale, real shift, real *out);

/* The same sum without storing the terms. */
real exp_shift_sum(const real *x, size_t n, real scale, real shift);

#endif
