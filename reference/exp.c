/* SPDX-License-Identifier: MIT */
/* Loops over exp_fast(). `omp simd reduction` allows the partial sums that strict C order forbids, for these sums only:
 * -ffast-math would allow much more. */
#include "reference/exp.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

real row_max(const real *x, size_t n) {
    real m = (real)-INFINITY;
#pragma omp simd reduction(max : m)
    for (size_t i = 0; i < n; i++)
        m = x[i] > m ? x[i] : m;
    return m;
}

void exp_rows(const real *x, size_t n, real *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = exp_fast(x[i]);
}

real exp_shift(const real *x, size_t n, real scale, real shift, real *out) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        real e = exp_fast(scale * x[i] - shift);
        out[i] = e;
        sum += e;
    }
    return sum;
}

real exp_below_top(const real *x, size_t n, real top, real *out) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        real e = exp_below(x[i] - top);
        out[i] = e;
        sum += e;
    }
    return sum;
}

real exp_shift_sum(const real *x, size_t n, real scale, real shift) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += exp_fast(scale * x[i] - shift);
    return sum;
}
