/* SPDX-License-Identifier: MIT */
/* A bowl without any coupling: each weight decays by itself. */
#include "reference/real.h"

int reference_good_descent(int32_t n, int32_t steps, float rate, const real *start, real *loss) {
    real w[256];

    for (int32_t i = 0; i < n; i++) {
        w[i] = start[i];
    }
    for (int32_t k = 0; k < steps; k++) {
        real sum = 0;
        for (int32_t i = 0; i < n; i++) {
            sum += w[i] * w[i] / 2;
            w[i] -= (real)rate * w[i];
        }
        loss[k] = sum / (real)n;
    }
    return 0;
}

/* The other float32 algorithm: the decay is gathered in one factor, so it rounds elsewhere. */
int plain_good_descent(int32_t n, int32_t steps, float rate, const real *start, real *loss) {
    real decay = 1;

    for (int32_t k = 0; k < steps; k++) {
        real sum = 0;
        for (int32_t i = n - 1; i >= 0; i--) {
            sum += (decay * start[i]) * (decay * start[i]);
        }
        loss[k] = sum / 2 / (real)n;
        decay *= 1 - (real)rate;
    }
    return 0;
}
