/* SPDX-License-Identifier: MIT */
/* The norm runs in partial sums of double: no order of real's own rounding enters the factor, and with enough of them
 * side by side no addition waits for another. */
#include "reference/clip.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

enum { LANES = 32 };

double clip_norm(const real *x, size_t n) {
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sqrt(sum);
}

double clip_scale(double norm, double max_norm, size_t n, real *g) {
    if (!(norm > max_norm))
        return 1;
    double factor = max_norm / norm;
    for (size_t i = 0; i < n; i++)
        g[i] *= (real)factor;
    return factor;
}
