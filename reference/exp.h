/* SPDX-License-Identifier: MIT */
/* Exponentials of whole rows.
 *
 * The float32 baselines spend a third of their time in exp, and libm's expf is one call per element. exp_fast() is
 * straight-line code that gcc vectorises under -O3 -march=native, so a loop over it runs at a few elements per cycle.
 * The double build is the oracle; the same form keeps it fast enough to check every timed output.
 *
 * Both: at most 1 ulp from the correctly rounded result over the whole range, subnormal results included. float32:
 * exp_fast(-inf) = 0, exp_fast(+inf) = inf, NaN gives NaN; beyond 88.72 the result is inf, below -103.98 it is 0.
 * Under flush-to-zero (-Ofast start-up code) subnormal results become 0; no build here sets it. */
#ifndef REFERENCE_EXP_H
#define REFERENCE_EXP_H

#include "reference/real.h"

#if REAL_IS_DOUBLE
/* The Taylor series to r^13: the first term left out is below 2^-57 for |r| <= ln(2)/2. Splitting 2^n as below. */
static inline real exp_fast(real x) {
    const double to_integer = 0x1.8p52;
    double y = x < -746.0 ? -746.0 : x;
    y = y > 710.0 ? 710.0 : y;
    union {
        double f;
        int64_t i;
        uint64_t bits;
    } magic = {.f = y * 0x1.71547652b82fep+0 + to_integer}, low, high;
    double n = magic.f - to_integer;
    double r = y - n * 0x1.62e42fefa0000p-1; /* 37 bits: the product is exact with and without FMA */
    r = r - n * 0x1.cf79abc9e3b3ap-40;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = (r * r) * p + r;
    int64_t k = magic.i - 0x4338000000000000;
    low.bits = (uint64_t)((k >> 1) + 1023) << 52;
    high.bits = (uint64_t)(k - (k >> 1) + 1023) << 52;
    return (p * low.f + low.f) * high.f;
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

/* exp(x) for x <= 0. exp_fast() must also serve large results and subnormal ones; here a single factor 2^n is enough,
 * whose bits are 0 for n = -127, so results below FLT_MIN become 0 without a branch. That is worth 30 % of a row. */
#if REAL_IS_DOUBLE
static inline real exp_below(real x) {
    return exp_fast(x);
}
#else
static inline real exp_below(real x) {
    const float to_integer = 0x1.8p23f; /* adding it leaves the nearest integer in the low bits of the sum */
    union {
        float f;
        int32_t i;
    } magic, power;
    float y = x < -88.2f ? -88.2f : x;
    magic.f = y * 0x1.715476p+0f + to_integer;
    float n = magic.f - to_integer;
    float r = y - n * 0x1.62e4p-1f;
    r = r - n * 0x1.7f7d1cp-20f;
    float q = 0x1.a15778p-10f;
    q = q * r + 0x1.121482p-7f;
    q = q * r + 0x1.555742p-5f;
    q = q * r + 0x1.5554cep-3f;
    q = q * r + 0x1.fffffep-2f;
    q = (r * r) * q + r;
    power.i = (magic.i - 0x4b400000 + 127) * (1 << 23);
    return q * power.f + power.f;
}
#endif

#define row_max       REAL_FN(row_max)
#define exp_below_top REAL_FN(exp_below_top)
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

/* out[i] = exp(x[i] - top) for top no smaller than any x[i]; returns their sum. In float32 what is below FLT_MIN
 * becomes 0. */
real exp_below_top(const real *x, size_t n, real top, real *out);

/* The same sum without storing the terms. */
real exp_shift_sum(const real *x, size_t n, real scale, real shift);

#endif
