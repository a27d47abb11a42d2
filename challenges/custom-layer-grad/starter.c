// harness: custom-layer-grad
// Compiles, and is honest about being unfinished: the gradient of y = x, with all weights' gradients zero.
#include "custom-layer-grad.h"

int gatednorm_bwd(const struct gatednorm_params *p, const float *x, const float *g, const float *w1, const float *w2,
                  const float *w3, const float *a, const float *dy, float *dx, float *dg, float *dw1, float *dw2,
                  float *dw3, float *da) {
    const int64_t n = p->n, d = p->d, f = p->f;
    (void)x, (void)g, (void)w1, (void)w2, (void)w3, (void)a;
    for (int64_t i = 0; i < n * d; i++) {
        dx[i] = dy[i];
    }
    for (int64_t k = 0; k < d; k++) {
        dg[k] = 0;
    }
    for (int64_t i = 0; i < d * f; i++) {
        dw1[i] = dw2[i] = dw3[i] = 0;
    }
    *da = 0;
    return 0;
}
