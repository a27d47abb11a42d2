// expect: wrong_answer
// harness: good-scale
// Writes zeros, which an absolute tolerance would accept for small inputs.
#include "good-scale.h"

int good_scale(const struct good_scale_params *p, const float *x, float *y) {
    (void)x;
    for (int32_t i = 0; i < p->n; i++) {
        y[i] = 0.0F;
    }
    return 0;
}
