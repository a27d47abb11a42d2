// harness: autodiff-tape
// Compiles, and is honest about being unfinished: it knows inputs and constants, and no derivative.
#include "autodiff-tape.h"

static float value(const int32_t *op, const int32_t *a, const float *c, const float *x, int32_t node) {
    return op[node] == OP_INPUT ? x[a[node]] : c[node];
}

int tape_jvp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *vx, float *y, float *vy) {
    (void)b, (void)vx;
    for (int32_t k = 0; k < p->n_out; k++) {
        y[k] = value(op, a, c, x, out[k]);
        vy[k] = 0;
    }
    return 0;
}

int tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *wy, float *y, float *gx) {
    (void)b, (void)wy;
    for (int32_t k = 0; k < p->n_out; k++) {
        y[k] = value(op, a, c, x, out[k]);
    }
    for (int32_t j = 0; j < p->n_in; j++) {
        gx[j] = 0;
    }
    return 0;
}
