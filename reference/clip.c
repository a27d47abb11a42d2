/* SPDX-License-Identifier: MIT */
/* The norm runs in four partial sums of double: fast enough, and no order of real's own rounding enters the factor. */
#include "reference/clip.h"

double clip_norm(const real *x, size_t n) {
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            sum[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++)
        sum[0] += (double)x[i] * (double)x[i];
    return sqrt((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

double clip_scale(double norm, double max_norm, size_t n, real *g) {
    if (!(norm > max_norm))
        return 1;
    double factor = max_norm / norm;
    for (size_t i = 0; i < n; i++)
        g[i] *= (real)factor;
    return factor;
}
