// expect: unwritten_output
// harness: good-measure
// Leaves the second factor to the caller.
#include "good-measure.h"

int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w) {
    (void)p;
    w[0] = y[0] / x[0];
    return 0;
}
