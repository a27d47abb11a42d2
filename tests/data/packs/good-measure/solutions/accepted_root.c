// expect: passed
// harness: good-measure
// Cuts the slope into two equal factors, as the reference does not.
#include "good-measure.h"

#include <math.h>

int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w) {
    double xy = 0, xx = 0;

    for (int32_t i = 0; i < p->n; i++) {
        xy += (double)x[i] * (double)y[i];
        xx += (double)x[i] * (double)x[i];
    }
    w[0] = (float)sqrt(xy / xx);
    w[1] = (float)(xy / xx / (double)w[0]);
    return 0;
}
