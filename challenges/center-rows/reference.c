/* SPDX-License-Identifier: MIT */
/* The reference of center-rows. It is compiled twice: with real = double it is the oracle, the truth that answers
 * are held to; with real = float it is the baseline, the speed to beat and the first measure of what float32
 * rounding costs.
 *
 * The gauge of an output is its first-order condition: how far it can move when each number on the way to it is off
 * by a relative error of one. Errors are counted in units of 2^-24 times the gauge. Here y = x - mean, so both terms
 * count:
 *     gauge = |x| + (sum |x|) / n
 * A gauge that leaves a term out refuses good solutions; one that is too large lets bad ones pass. `harness check`
 * tells either. It is only asked for by the oracle, so it may be slow. */
#include "reference/real.h"

int reference_center_rows(int32_t rows, int32_t n, const real *x, real *y, real *gauge_y) {
    for (size_t i = 0; i < (size_t)rows; i++) {
        const real *from = x + i * (size_t)n;
        real *to = y + i * (size_t)n;
        real sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int32_t j = 0; j < n; j++)
            sum += from[j];
        const real mean = n > 0 ? sum / (real)n : 0;
        for (int32_t j = 0; j < n; j++)
            to[j] = from[j] - mean;
    }
    for (size_t i = 0; gauge_y != NULL && i < (size_t)rows; i++) {
        real size = 0;
        for (int32_t j = 0; j < n; j++)
            size += real_fabs(x[i * (size_t)n + (size_t)j]);
        for (int32_t j = 0; j < n; j++)
            gauge_y[i * (size_t)n + (size_t)j] = real_fabs(x[i * (size_t)n + (size_t)j]) + size / (real)n;
    }
    return 0;
}

/* Another plain algorithm, the second measure of rounding: one running sum per row, from the end. The two must differ,
 * or the tolerance would be set by the luck of one order of additions. */
int plain_center_rows(int32_t rows, int32_t n, const real *x, real *y) {
    for (size_t i = 0; i < (size_t)rows; i++) {
        real mean = 0;
        for (int32_t j = n; j-- > 0;)
            mean += x[i * (size_t)n + (size_t)j] / (real)n;
        for (int32_t j = 0; j < n; j++)
            y[i * (size_t)n + (size_t)j] = x[i * (size_t)n + (size_t)j] - mean;
    }
    return 0;
}
