/* SPDX-License-Identifier: MIT */
/* Loops and no BLAS: a hostile program can then compute honestly at about the speed of the baseline. */
#include "reference/real.h"

int reference_hostile_weak(int32_t n, float alpha, const real *a, const real *b, real *c, real *gauge_c) {
    for (size_t i = 0; i < (size_t)n; i++) {
        real *row = c + i * (size_t)n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const real factor = (real)alpha * a[i * (size_t)n + (size_t)k], *from = b + (size_t)k * (size_t)n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
        for (int32_t j = 0; gauge_c != NULL && j < n; j++) {
            real sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += real_fabs(a[i * (size_t)n + (size_t)k] * b[(size_t)k * (size_t)n + (size_t)j]);
            gauge_c[i * (size_t)n + (size_t)j] = real_fabs((real)alpha) * sum;
        }
    }
    return 0;
}

/* The other float32 algorithm: one dot product after the other, scaled at the end. */
int plain_hostile_weak(int32_t n, float alpha, const real *a, const real *b, real *c) {
    for (size_t i = 0; i < (size_t)n; i++)
        for (int32_t j = 0; j < n; j++) {
            real sum = 0;
            for (int32_t k = n - 1; k >= 0; k--)
                sum += a[i * (size_t)n + (size_t)k] * b[(size_t)k * (size_t)n + (size_t)j];
            c[i * (size_t)n + (size_t)j] = (real)alpha * sum;
        }
    return 0;
}
