/* SPDX-License-Identifier: MIT */
/* The second opinion on tapes: dual numbers with libm, and a way down that asks for the operation again, with the
 * derivatives written another way. */
#include <stdlib.h>

#include "reference/tape.h"

struct dual {
    real v, t;
};

static inline real plain_tanh(real x) {
    return REAL_IS_DOUBLE ? (real)tanh((double)x) : (real)tanhf((float)x);
}

static real times(real x, real y) {
    return x == 0 || y == 0 ? 0 : x * y;
}

static struct dual dual_step(int32_t op, struct dual a, struct dual b) {
    const real root = op == NODE_SQRT ? real_sqrt(a.v) : 0;
    switch (op) {
    case NODE_ADD:
        return (struct dual){a.v + b.v, a.t + b.t};
    case NODE_SUB:
        return (struct dual){a.v - b.v, a.t - b.t};
    case NODE_MUL:
        return (struct dual){a.v * b.v, times(a.v, b.t) + times(a.t, b.v)};
    case NODE_DIV:
        return (struct dual){a.v / b.v, times(a.t, 1 / b.v) - times(a.v / b.v / b.v, b.t)};
    case NODE_EXP:
        return (struct dual){real_exp(a.v), times(a.t, real_exp(a.v))};
    case NODE_LOG:
        return (struct dual){real_log(a.v), a.t == 0 ? 0 : a.t / a.v};
    case NODE_TANH:
        return (struct dual){plain_tanh(a.v), times(a.t, 1 - plain_tanh(a.v) * plain_tanh(a.v))};
    case NODE_SQRT:
        return (struct dual){root, a.t == 0 ? 0 : a.t / (2 * root)};
    case NODE_MAX:
        return a.v >= b.v ? a : b;
    case NODE_ABS:
        return (struct dual){real_fabs(a.v), a.v > 0 ? a.t : a.v < 0 ? -a.t : 0};
    default:
        return a.v > 0 ? a : (struct dual){0, 0};
    }
}

int tape_forward_plain(const struct tape *tape, const real *x, const real *vx, real *y, real *vy) {
    struct dual *node = malloc((tape->nodes + 1) * sizeof *node);
    if (node == NULL)
        return -1;
    for (size_t i = 0; i < tape->nodes; i++) {
        const int32_t op = tape->op[i], a = tape->a[i];
        if (op == NODE_INPUT)
            node[i] = (struct dual){x[a], vx[a]};
        else if (op == NODE_CONST)
            node[i] = (struct dual){tape->c[i], 0};
        else
            node[i] = dual_step(op, node[a], node[tape->b[i]]);
    }
    for (size_t k = 0; k < tape->outputs; k++) {
        y[k] = node[tape->out[k]].v;
        vy[k] = node[tape->out[k]].t;
    }
    free(node);
    return 0;
}

/* Adds what node i with adjoint w sends to its operands; v are the values of all nodes. */
static void send(const struct tape *tape, size_t i, const real *v, real w, real *adjoint) {
    const int32_t a = tape->a[i], b = tape->b[i];
    switch (tape->op[i]) {
    case NODE_ADD:
        adjoint[a] += w;
        adjoint[b] += w;
        break;
    case NODE_SUB:
        adjoint[a] += w;
        adjoint[b] -= w;
        break;
    case NODE_MUL:
        adjoint[a] += times(w, v[b]);
        adjoint[b] += times(w, v[a]);
        break;
    case NODE_DIV:
        adjoint[a] += w / v[b];
        adjoint[b] -= times(w, v[a] / (v[b] * v[b]));
        break;
    case NODE_EXP:
        adjoint[a] += times(w, v[i]);
        break;
    case NODE_LOG:
        adjoint[a] += w / v[a];
        break;
    case NODE_TANH:
        adjoint[a] += w * (1 - v[i] * v[i]);
        break;
    case NODE_SQRT:
        adjoint[a] += w / (2 * v[i]);
        break;
    case NODE_MAX:
        adjoint[v[a] >= v[b] ? a : b] += w;
        break;
    case NODE_ABS:
        adjoint[a] += v[a] > 0 ? w : v[a] < 0 ? -w : 0;
        break;
    default: /* relu */
        adjoint[a] += v[a] > 0 ? w : 0;
    }
}

static void values(const struct tape *tape, const real *x, real *v) {
    for (size_t i = 0; i < tape->nodes; i++) {
        const int32_t op = tape->op[i], a = tape->a[i];
        if (op == NODE_INPUT)
            v[i] = x[a];
        else if (op == NODE_CONST)
            v[i] = tape->c[i];
        else
            v[i] = dual_step(op, (struct dual){v[a], 0}, (struct dual){v[tape->b[i]], 0}).v;
    }
}

int tape_reverse_plain(const struct tape *tape, const real *x, const real *wy, real *y, real *gx) {
    const size_t n = tape->nodes;
    real *v = calloc(2 * n + 1, sizeof *v), *adjoint = v + n;
    if (v == NULL)
        return -1;
    values(tape, x, v);
    for (size_t k = tape->outputs; k-- > 0;) {
        y[k] = v[tape->out[k]];
        adjoint[tape->out[k]] += wy[k];
    }
    for (size_t j = 0; j < tape->inputs; j++)
        gx[j] = 0;
    for (size_t i = n; i-- > 0;) {
        if (tape->op[i] == NODE_INPUT)
            gx[tape->a[i]] += adjoint[i];
        else if (tape->op[i] != NODE_CONST && adjoint[i] != 0)
            send(tape, i, v, adjoint[i], adjoint);
    }
    free(v);
    return 0;
}
