// harness: good-strict
#include "good-strict.h"

/* Not finished: every element is still the one of x. */
int good_strict(const struct good_strict_params *p, const float *x, float *y) {
    for (int32_t i = 0; i < p->n; i++) {
        y[i] = x[i];
    }
    return 0;
}
