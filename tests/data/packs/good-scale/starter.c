// harness: good-scale
#include "good-scale.h"

/* Not finished: every element is still the one of x. */
int good_scale(const struct good_scale_params *p, const float *x, float *y) {
    for (int32_t i = 0; i < p->n; i++) {
        y[i] = x[i];
    }
    return 0;
}
