/* SPDX-License-Identifier: MIT */
/* One multiplication per element, so the gauge of y is |a*x|. */
#include "reference/real.h"

int reference_good_strict(const struct good_strict_params *p, const real *x, real *y, real *gauge_y) {
    const real a = (real)p->a;

    for (int32_t i = 0; i < p->n; i++) {
        y[i] = a * x[i];
    }
    if (gauge_y != NULL) {
        for (int32_t i = 0; i < p->n; i++) {
            gauge_y[i] = real_fabs(a * x[i]);
        }
    }
    return 0;
}

/* The other float32 algorithm: the factor in two parts, which rounds differently from one product. */
int plain_good_strict(const struct good_strict_params *p, const real *x, real *y) {
    const real a = (real)p->a, third = a / 3;

    for (int32_t i = p->n - 1; i >= 0; i--) {
        y[i] = third * x[i] + (a - third) * x[i];
    }
    return 0;
}
