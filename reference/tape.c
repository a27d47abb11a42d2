/* SPDX-License-Identifier: MIT */
/* The time goes into a jump per node that no predictor can foresee; the reverse sweep has none. Nodes of one operation
 * could be run in vectors if the tape were sorted by depth first, which pays when one tape is run many times. */
#include "reference/tape.h"

#include <stdlib.h>

bool tape_is_valid(const struct tape *tape) {
    bool valid = true;
    for (size_t i = 0; i < tape->nodes; i++) {
        const size_t a = (size_t)tape->a[i], b = (size_t)tape->b[i]; /* below 0 is beyond any size */
        const size_t before = i > 0 ? i : 1;
        valid = valid && tape->op[i] >= 0 && tape->op[i] < NODE_KINDS && (i > 0 || tape->op[i] <= NODE_CONST);
        valid = valid && a < (tape->op[i] == NODE_INPUT ? tape->inputs : before) && b < before;
    }
    for (size_t k = 0; k < tape->outputs; k++)
        valid = valid && (size_t)tape->out[k] < tape->nodes;
    return valid;
}

static inline struct tape_step step_at(const struct tape *tape, size_t i, const real *x, const real *v) {
    if (tape->op[i] == NODE_INPUT)
        return (struct tape_step){x[tape->a[i]], 0, 0};
    if (tape->op[i] == NODE_CONST)
        return (struct tape_step){tape->c[i], 0, 0};
    return tape_step(tape->op[i], v[tape->a[i]], v[tape->b[i]], 0);
}

int tape_forward(const struct tape *tape, const real *x, const real *vx, real *y, real *vy) {
    real *v = malloc((2 * tape->nodes + 1) * sizeof *v), *t = v + tape->nodes;
    if (v == NULL)
        return -1;
    for (size_t i = 0; i < tape->nodes; i++) {
        const struct tape_step step = step_at(tape, i, x, v);
        v[i] = step.v;
        if (tape->op[i] == NODE_INPUT)
            t[i] = vx[tape->a[i]];
        else if (tape->op[i] == NODE_CONST)
            t[i] = 0;
        else
            t[i] = tape_through(step.da, t[tape->a[i]]) + tape_through(step.db, t[tape->b[i]]);
    }
    for (size_t k = 0; k < tape->outputs; k++) {
        y[k] = v[tape->out[k]];
        vy[k] = t[tape->out[k]];
    }
    free(v);
    return 0;
}

/* What the way down needs of a node, side by side: one place in memory instead of five. Inputs and constants send zeros
 * to node 0. */
struct edge {
    int32_t a, b;
    real da, db;
};

static void sweep(const struct edge *edge, size_t nodes, real *w) {
    for (size_t i = nodes; i-- > 0;) {
        const struct edge e = edge[i];
        const real own = w[i];
        if (own == 0)
            continue;
        w[e.a] += e.da == 0 ? 0 : own * e.da;
        w[e.b] += e.db == 0 ? 0 : own * e.db;
    }
}

int tape_reverse(const struct tape *tape, const real *x, const real *wy, real *y, real *gx) {
    const size_t n = tape->nodes;
    real *v = malloc((2 * n + 1) * sizeof *v), *w = v + n;
    struct edge *edge = malloc((n + 1) * sizeof *edge);
    int status = -1;
    if (v == NULL || edge == NULL)
        goto out;
    for (size_t i = 0; i < n; i++) {
        const struct tape_step step = step_at(tape, i, x, v);
        const bool leaf = tape->op[i] <= NODE_CONST;
        v[i] = step.v;
        w[i] = 0;
        edge[i] = (struct edge){leaf ? 0 : tape->a[i], leaf ? 0 : tape->b[i], step.da, step.db};
    }
    for (size_t k = 0; k < tape->outputs; k++) {
        y[k] = v[tape->out[k]];
        w[tape->out[k]] += wy[k];
    }
    sweep(edge, n, w);
    for (size_t j = 0; j < tape->inputs; j++)
        gx[j] = 0;
    for (size_t i = 0; i < n; i++)
        if (tape->op[i] == NODE_INPUT)
            gx[tape->a[i]] += w[i];
    status = 0;
out:
    free(edge);
    free(v);
    return status;
}

int tape_objective(const struct tape *tape, const real *x, const real *moved, const real *wy, real *sum) {
    real *v = malloc((2 * tape->nodes + 1) * sizeof *v), *there = v + tape->nodes;
    if (v == NULL)
        return -1;
    for (size_t i = 0; i < tape->nodes; i++) {
        const size_t a = (size_t)tape->a[i], b = (size_t)tape->b[i];
        const int32_t op = tape->op[i];
        const struct tape_step here = step_at(tape, i, x, v);
        v[i] = here.v;
        if (op == NODE_INPUT)
            there[i] = x[a] + moved[a];
        else if (op == NODE_CONST)
            there[i] = tape->c[i];
        else if (op == NODE_MAX)
            there[i] = here.da == 0 ? there[b] : there[a];
        else if (op == NODE_ABS || op == NODE_RELU)
            there[i] = tape_through(here.da, there[a]);
        else
            there[i] = tape_step(op, there[a], there[b], 0).v;
    }
    *sum = 0;
    for (size_t k = 0; k < tape->outputs; k++)
        *sum += wy[k] * there[tape->out[k]];
    free(v);
    return 0;
}
