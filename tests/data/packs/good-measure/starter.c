// harness: good-measure
#include "good-measure.h"

/* Not finished: the slope of the first point alone. */
int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w) {
    (void)p;
    w[0] = y[0];
    w[1] = 1.0F / x[0];
    return 0;
}
