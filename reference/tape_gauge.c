/* SPDX-License-Identifier: MIT */
/* The running errors of a tape: next to every number the bound of its error in units of u, to first order. */
#include <stdlib.h>

#include "reference/tape.h"

/* A node with its derivatives, and the errors of all three. */
struct bounds {
    struct tape_step step;
    real v, da, db;
};

/* Errors of the node's value and derivatives, from the values a and b of its operands and their errors. */
static struct bounds node_bounds(int32_t op, real a, real b, real error_a, real error_b) {
    struct bounds at = {.step = tape_step(op, a, b, 0)};
    const real v = real_fabs(at.step.v), da = real_fabs(at.step.da), db = real_fabs(at.step.db);
    at.v = tape_through(da, error_a) + tape_through(db, error_b);
    switch (op) {
    case NODE_MUL:
        at.da = error_b;
        at.db = error_a;
        break;
    case NODE_DIV:
        at.da = da + da * da * error_b;
        at.db = (at.v + 2 * v + v * error_b * da) * da + db;
        break;
    case NODE_EXP:
        at.da = at.v + v;
        break;
    case NODE_LOG:
        at.da = da + da * da * error_a;
        break;
    case NODE_TANH:
        at.da = 2 * v * (at.v + v) + v * v + da;
        break;
    case NODE_SQRT:
        at.da = da * (2 + at.v / v);
        break;
    default:
        break;
    }
    if (op == NODE_ADD || op == NODE_SUB || op == NODE_MUL || op == NODE_DIV || op == NODE_EXP || op == NODE_LOG ||
        op == NODE_TANH || op == NODE_SQRT)
        at.v += v;
    return at;
}

/* Values, their errors, and everything else of the nodes. */
static void climb(const struct tape *tape, const real *x, real *value, real *error, struct bounds *bounds) {
    for (size_t i = 0; i < tape->nodes; i++) {
        const int32_t op = tape->op[i], a = tape->a[i], b = tape->b[i];
        if (op == NODE_INPUT)
            bounds[i] = (struct bounds){.step = {.v = x[a]}};
        else if (op == NODE_CONST)
            bounds[i] = (struct bounds){.step = {.v = tape->c[i]}};
        else
            bounds[i] = node_bounds(op, value[a], value[b], error[a], error[b]);
        value[i] = bounds[i].step.v;
        error[i] = bounds[i].v;
    }
}

/* The error of d*t; multiplying with 1 or -1 is exact. */
static real product_error(real d, real error_d, real t, real error_t) {
    const real product = tape_through(real_fabs(d), real_fabs(t));
    const real own = d == 1 || d == -1 ? 0 : product;
    return tape_through(real_fabs(d), error_t) + tape_through(real_fabs(t), error_d) + own;
}

static void carry_tangents(const struct tape *tape, const real *vx, const struct bounds *bounds, real *t, real *error) {
    for (size_t i = 0; i < tape->nodes; i++) {
        const struct bounds *at = &bounds[i];
        const int32_t a = tape->a[i], b = tape->b[i];
        t[i] = tape->op[i] == NODE_INPUT ? vx[a] : 0;
        error[i] = 0;
        if (tape->op[i] <= NODE_CONST)
            continue;
        const real left = tape_through(at->step.da, t[a]), right = tape_through(at->step.db, t[b]);
        t[i] = left + right;
        error[i] = product_error(at->step.da, at->da, t[a], error[a]) +
                   product_error(at->step.db, at->db, t[b], error[b]) + (left != 0 && right != 0 ? real_fabs(t[i]) : 0);
    }
}

int tape_forward_gauge(const struct tape *tape, const real *x, const real *vx, real *gauge_y, real *gauge_vy) {
    const size_t n = tape->nodes;
    real *value = malloc((2 * n + 1) * sizeof *value), *error = value + n;
    struct bounds *bounds = malloc((n + 1) * sizeof *bounds);
    if (value != NULL && bounds != NULL) {
        climb(tape, x, value, error, bounds);
        for (size_t k = 0; gauge_y != NULL && k < tape->outputs; k++)
            gauge_y[k] = error[tape->out[k]];
        carry_tangents(tape, vx, bounds, value, error);
        for (size_t k = 0; gauge_vy != NULL && k < tape->outputs; k++)
            gauge_vy[k] = error[tape->out[k]];
    }
    const int status = value != NULL && bounds != NULL ? 0 : -1;
    free(bounds);
    free(value);
    return status;
}

/* An adjoint that is being summed. */
struct sum {
    real w, error, terms; /* terms: the sum of the magnitudes */
    int readers;
};

static void sum_add(struct sum *sum, real w, real error) {
    if (w == 0 && error == 0)
        return;
    sum->w += w;
    sum->error += error;
    sum->terms += real_fabs(w);
    sum->readers++;
}

static real sum_error(const struct sum *sum) {
    return sum->error + (sum->readers > 1 ? sum->terms : 0);
}

static void carry_adjoints(const struct tape *tape, const real *wy, const struct bounds *bounds, struct sum *sum,
                           struct sum *gx) {
    for (size_t k = 0; k < tape->outputs; k++)
        sum_add(&sum[tape->out[k]], wy[k], 0);
    for (size_t i = tape->nodes; i-- > 0;) {
        const struct bounds *at = &bounds[i];
        const real w = sum[i].w, error = sum_error(&sum[i]);
        if (tape->op[i] == NODE_INPUT)
            sum_add(&gx[tape->a[i]], w, error);
        if (tape->op[i] <= NODE_CONST || (w == 0 && error == 0))
            continue;
        sum_add(&sum[tape->a[i]], tape_through(w, at->step.da), product_error(at->step.da, at->da, w, error));
        sum_add(&sum[tape->b[i]], tape_through(w, at->step.db), product_error(at->step.db, at->db, w, error));
    }
}

int tape_reverse_gauge(const struct tape *tape, const real *x, const real *wy, real *gauge_y, real *gauge_gx) {
    const size_t n = tape->nodes;
    real *value = malloc((2 * n + 1) * sizeof *value), *error = value + n;
    struct bounds *bounds = malloc((n + 1) * sizeof *bounds);
    struct sum *sum = calloc(n + tape->inputs + 1, sizeof *sum), *gx = sum + n;
    int status = -1;
    if (value == NULL || bounds == NULL || sum == NULL)
        goto out;
    climb(tape, x, value, error, bounds);
    carry_adjoints(tape, wy, bounds, sum, gx);
    for (size_t k = 0; gauge_y != NULL && k < tape->outputs; k++)
        gauge_y[k] = error[tape->out[k]];
    for (size_t j = 0; gauge_gx != NULL && j < tape->inputs; j++)
        gauge_gx[j] = sum_error(&gx[j]);
    status = 0;
out:
    free(sum);
    free(bounds);
    free(value);
    return status;
}
