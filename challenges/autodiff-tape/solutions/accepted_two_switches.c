// expect: passed
// harness: autodiff-tape
// The simple one, as the rules are written: one switch for values and tangents, one for adjoints, which looks at the
// operation again and takes the derivatives from the values that are kept.
#include "autodiff-tape.h"

#include <math.h>
#include <stdlib.h>

static float value(int32_t op, float a, float b) {
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return a / b;
    case OP_EXP:
        return expf(a);
    case OP_LOG:
        return logf(a);
    case OP_TANH:
        return tanhf(a);
    case OP_SQRT:
        return sqrtf(a);
    case OP_MAX:
        return a >= b ? a : b;
    case OP_ABS:
        return fabsf(a);
    default:
        return a > 0 ? a : 0;
    }
}

static float *values(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
                     const float *x) {
    float *v = malloc(((size_t)p->n_nodes + 1) * sizeof *v);
    for (int32_t i = 0; v && i < p->n_nodes; i++) {
        if (op[i] == OP_INPUT)
            v[i] = x[a[i]];
        else if (op[i] == OP_CONST)
            v[i] = c[i];
        else
            v[i] = value(op[i], v[a[i]], v[b[i]]);
    }
    return v;
}

static float times(float x, float y) {
    return x == 0 || y == 0 ? 0 : x * y;
}

static float tangent(int32_t op, float v, float a, float b, float ta, float tb) {
    switch (op) {
    case OP_ADD:
        return ta + tb;
    case OP_SUB:
        return ta - tb;
    case OP_MUL:
        return times(a, tb) + times(b, ta);
    case OP_DIV:
        return times(ta, 1 / b) - times(tb, v / b);
    case OP_EXP:
        return times(ta, v);
    case OP_LOG:
        return ta == 0 ? 0 : ta / a;
    case OP_TANH:
        return times(ta, (1 - v) * (1 + v));
    case OP_SQRT:
        return ta == 0 ? 0 : ta / (2 * v);
    case OP_MAX:
        return a >= b ? ta : tb;
    case OP_ABS:
        return a > 0 ? ta : a < 0 ? -ta : 0;
    default:
        return a > 0 ? ta : 0;
    }
}

int tape_jvp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *vx, float *y, float *vy) {
    float *v = values(p, op, a, b, c, x), *t = malloc(((size_t)p->n_nodes + 1) * sizeof *t);
    if (!v || !t)
        return 1;
    for (int32_t i = 0; i < p->n_nodes; i++) {
        if (op[i] == OP_INPUT)
            t[i] = vx[a[i]];
        else if (op[i] == OP_CONST)
            t[i] = 0;
        else
            t[i] = tangent(op[i], v[i], v[a[i]], v[b[i]], t[a[i]], t[b[i]]);
    }
    for (int32_t k = 0; k < p->n_out; k++) {
        y[k] = v[out[k]];
        vy[k] = t[out[k]];
    }
    free(t);
    free(v);
    return 0;
}

// Adds to the adjoints of a node's operands what its own adjoint g, which is not 0, sends them.
static void send(int32_t op, float g, float v, float a, float b, float *ga, float *gb) {
    switch (op) {
    case OP_ADD:
        *ga += g;
        *gb += g;
        break;
    case OP_SUB:
        *ga += g;
        *gb -= g;
        break;
    case OP_MUL:
        *ga += times(g, b);
        *gb += times(g, a);
        break;
    case OP_DIV:
        *ga += g / b;
        *gb -= times(g, v / b);
        break;
    case OP_EXP:
        *ga += times(g, v);
        break;
    case OP_LOG:
        *ga += g / a;
        break;
    case OP_TANH:
        *ga += g * (1 - v) * (1 + v);
        break;
    case OP_SQRT:
        *ga += g / (2 * v);
        break;
    case OP_MAX:
        *(a >= b ? ga : gb) += g;
        break;
    case OP_ABS:
        *ga += a > 0 ? g : a < 0 ? -g : 0;
        break;
    case OP_RELU:
        *ga += a > 0 ? g : 0;
        break;
    default:
        break;
    }
}

int tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *wy, float *y, float *gx) {
    float *v = values(p, op, a, b, c, x), *g = calloc((size_t)p->n_nodes + 1, sizeof *g);
    if (!v || !g)
        return 1;
    for (int32_t j = 0; j < p->n_in; j++)
        gx[j] = 0;
    for (int32_t k = 0; k < p->n_out; k++) {
        y[k] = v[out[k]];
        g[out[k]] += wy[k];
    }
    for (int32_t i = p->n_nodes - 1; i >= 0; i--) {
        if (op[i] == OP_INPUT)
            gx[a[i]] += g[i];
        else if (op[i] != OP_CONST && g[i] != 0)
            send(op[i], g[i], v[i], v[a[i]], v[b[i]], &g[a[i]], &g[b[i]]);
    }
    free(g);
    free(v);
    return 0;
}
