// expect: passed
// harness: good-scale
// The loop as the statement has it.
#include "good-scale.h"

int good_scale(const struct good_scale_params *p, const float *x, float *y) {
    const float a = p->a;

    for (int32_t i = 0; i < p->n; i++) {
        y[i] = a * x[i];
    }
    return 0;
}
