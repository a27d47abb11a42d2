// harness: good-pair
#include "good-pair.h"

/* Not finished: nothing is written yet. */
int pair_forward(const struct pair_params *p, const float *x, const float *bias, float *y) {
    (void)p, (void)x, (void)bias, (void)y;
    return 0;
}

int pair_backward(int32_t rows, int64_t n, float scale, int32_t half, const float *dy, float *dx, float *dbias,
                  int32_t *best) {
    (void)rows, (void)n, (void)scale, (void)half, (void)dy, (void)dx, (void)dbias, (void)best;
    return 0;
}
