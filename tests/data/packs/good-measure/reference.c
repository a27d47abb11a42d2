/* SPDX-License-Identifier: MIT */
/* The slope is sum xy / sum xx; how it is cut into two factors is nobody's business, so only what the factors say about
 * points that no solution sees is judged. */
#include "reference/real.h"

int generate_plant(const struct good_measure_params *p, real *x, real *y, real *w, real *truth, real *x_out,
                   real *y_out) {
    (void)w;
    for (int32_t i = 0; i < p->n; i++) {
        y[i] += truth[0] * x[i];
        y_out[i] += truth[0] * x_out[i];
    }
    return 0;
}

int reference_good_measure(const struct good_measure_params *p, const real *x, const real *y, real *w,
                           const real *truth, const real *x_out, const real *y_out) {
    real xy = 0, xx = 0;

    (void)truth, (void)x_out, (void)y_out;
    for (int32_t i = 0; i < p->n; i++) {
        xy += x[i] * y[i];
        xx += x[i] * x[i];
    }
    w[0] = xy / xx;
    w[1] = 1;
    return 0;
}

/* The other float32 algorithm: from the back, and with another cut. */
int plain_good_measure(const struct good_measure_params *p, const real *x, const real *y, real *w, const real *truth,
                       const real *x_out, const real *y_out) {
    real xy = 0, xx = 0;

    (void)truth, (void)x_out, (void)y_out;
    for (int32_t i = p->n - 1; i >= 0; i--) {
        xy += x[i] * y[i];
        xx += x[i] * x[i];
    }
    w[0] = xy / (real)3;
    w[1] = (real)3 / xx;
    return 0;
}

int measure_good_measure(const struct good_measure_params *p, const real *x, const real *y, const real *w,
                         const real *truth, const real *x_out, const real *y_out, double *above, double *drift,
                         double *explained) {
    const double slope = (double)w[0] * (double)w[1];
    double sum = 0, error2 = 0, size2 = 0;

    (void)x, (void)y;
    above[0] = 0;
    for (int32_t i = 0; i < p->n; i++) {
        const double at = (double)x_out[i], label = (double)y_out[i];

        above[0] += slope * at > label / 2;
        sum += slope * at - (double)truth[0] * at;
        drift[i] = sum / (i + 1);
        error2 += (label - slope * at) * (label - slope * at);
        size2 += label * label;
    }
    explained[0] = 1 - error2 / size2;
    return 0;
}
