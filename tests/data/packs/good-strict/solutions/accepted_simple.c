// expect: passed
// harness: good-strict
// The loop as the statement has it.
#include "good-strict.h"

int good_strict(const struct good_strict_params *p, const float *x, float *y) {
    const float a = p->a;
    const float factor[4] = {a, a, a, a};

    for (int32_t i = 0; i < p->n; i++) {
        y[i] = factor[i % 4] * x[i];
    }
    return 0;
}
