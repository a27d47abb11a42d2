// expect: passed
// harness: autodiff-tape
// Forward: dual numbers, value and tangent side by side. Reverse: the way up keeps for each node its operands with their
// derivatives, so the way down needs neither operation nor value: it is a list of edges, walked backwards.
#include "autodiff-tape.h"

#include <math.h>
#include <stdlib.h>

struct step {
    float v, da, db; // value, and the derivatives in both operands
};

static inline struct step step(int32_t op, float a, float b, float c) {
    float v;
    switch (op) {
    case OP_ADD:
        return (struct step){a + b, 1, 1};
    case OP_SUB:
        return (struct step){a - b, 1, -1};
    case OP_MUL:
        return (struct step){a * b, b, a};
    case OP_DIV:
        v = a / b;
        return (struct step){v, 1 / b, -v / b};
    case OP_EXP:
        v = expf(a);
        return (struct step){v, v, 0};
    case OP_LOG:
        return (struct step){logf(a), 1 / a, 0};
    case OP_TANH:
        v = tanhf(a);
        return (struct step){v, 1 - v * v, 0};
    case OP_SQRT:
        v = sqrtf(a);
        return (struct step){v, 0.5f / v, 0};
    case OP_MAX:
        if (a >= b)
            return (struct step){a, 1, 0};
        return (struct step){b, 0, 1};
    case OP_ABS:
        return (struct step){fabsf(a), (float)(a > 0) - (float)(a < 0), 0};
    case OP_RELU:
        return (struct step){a > 0 ? a : 0, a > 0 ? 1 : 0, 0};
    default:
        return (struct step){c, 0, 0};
    }
}

// What a derivative lets through: 0 times infinity is 0.
static inline float through(float d, float t) {
    return d == 0 || t == 0 ? 0 : d * t;
}

int tape_jvp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *vx, float *y, float *vy) {
    struct dual {
        float v, t;
    } *node = malloc(((size_t)p->n_nodes + 1) * sizeof *node);
    if (!node)
        return 1;
    for (int32_t i = 0; i < p->n_nodes; i++) {
        if (op[i] == OP_INPUT) {
            node[i] = (struct dual){x[a[i]], vx[a[i]]};
        } else if (op[i] == OP_CONST) {
            node[i] = (struct dual){c[i], 0};
        } else {
            const struct dual left = node[a[i]], right = node[b[i]];
            const struct step s = step(op[i], left.v, right.v, 0);
            node[i] = (struct dual){s.v, through(s.da, left.t) + through(s.db, right.t)};
        }
    }
    for (int32_t k = 0; k < p->n_out; k++) {
        y[k] = node[out[k]].v;
        vy[k] = node[out[k]].t;
    }
    free(node);
    return 0;
}

struct edges {
    int32_t a, b;
    float da, db;
};

// Values of all nodes into v, and what the way down needs. Leaves have no edges: their derivatives are 0.
static void climb(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
                  const float *x, float *v, struct edges *edges) {
    for (int32_t i = 0; i < p->n_nodes; i++) {
        struct step s = {0, 0, 0};
        edges[i] = (struct edges){0, 0, 0, 0};
        if (op[i] == OP_INPUT) {
            s.v = x[a[i]];
        } else if (op[i] == OP_CONST) {
            s.v = c[i];
        } else {
            s = step(op[i], v[a[i]], v[b[i]], 0);
            edges[i] = (struct edges){a[i], b[i], s.da, s.db};
        }
        v[i] = s.v;
    }
}

int tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *wy, float *y, float *gx) {
    const int32_t n = p->n_nodes;
    float *v = malloc(((size_t)n + 1) * sizeof *v), *w = calloc((size_t)n + 1, sizeof *w);
    struct edges *edges = malloc(((size_t)n + 1) * sizeof *edges);
    if (!v || !w || !edges)
        return 1;
    climb(p, op, a, b, c, x, v, edges);
    for (int32_t k = 0; k < p->n_out; k++) {
        y[k] = v[out[k]];
        w[out[k]] += wy[k];
    }
    for (int32_t i = n; i-- > 0;) {
        const struct edges e = edges[i];
        if (w[i] == 0)
            continue;
        if (e.da != 0)
            w[e.a] += w[i] * e.da;
        if (e.db != 0)
            w[e.b] += w[i] * e.db;
    }
    for (int32_t j = 0; j < p->n_in; j++)
        gx[j] = 0;
    for (int32_t i = 0; i < n; i++)
        if (op[i] == OP_INPUT)
            gx[a[i]] += w[i];
    free(edges);
    free(w);
    free(v);
    return 0;
}
