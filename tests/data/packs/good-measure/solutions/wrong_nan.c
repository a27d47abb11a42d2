// expect: not_finite
// harness: good-measure
// A NaN in an output that is only judged.
#include "good-measure.h"

int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w) {
    (void)y;
    w[0] = 1.0F;
    w[1] = 0.0F / (x[0] - x[0] * (float)(p->n > 0));
    return 0;
}
