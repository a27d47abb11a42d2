/* SPDX-License-Identifier: MIT */
/* Automatic differentiation of a tape: a straight-line program in single assignment form, one array per field. Node i
 * is an operation on the values of nodes a[i] and b[i], both before it; an input is number a[i] of x, and a constant is
 * c[i]. The forward mode carries tangents along, the reverse mode adjoints back.
 *
 *     value     v_i = f_i(v_a, v_b)
 *     forward   t_i = da_i*t_a + db_i*t_b             da_i, db_i: the derivatives of f_i in its operands
 *     reverse   w_a += w_i*da_i   w_b += w_i*db_i     from the last node to the first
 *
 * In these products (never in the values) zero times anything is zero, infinity and NaN included: what does not count
 * must not spoil what does. A tie of max goes to its first operand, |.| and relu have derivative 0 at 0.
 *
 * R. E. Wengert, A simple automatic derivative evaluation program, 1964; A. Griewank and A. Walther, Evaluating
 * Derivatives, 2nd ed., 2008, chapter 3. */
#ifndef REFERENCE_TAPE_H
#define REFERENCE_TAPE_H

#include <stdbool.h>

#include "reference/exp.h"
#include "reference/real.h"

enum tape_node {
    NODE_INPUT,
    NODE_CONST,
    NODE_ADD,
    NODE_SUB,
    NODE_MUL,
    NODE_DIV,
    NODE_EXP,
    NODE_LOG,
    NODE_TANH,
    NODE_SQRT,
    NODE_MAX,
    NODE_ABS,
    NODE_RELU,
    NODE_KINDS
};

struct tape {
    size_t nodes, inputs, outputs;
    const int32_t *op, *a, *b; /* [nodes] */
    const real *c;             /* [nodes] */
    const int32_t *out;        /* [outputs], the nodes that are handed out */
};

/* A value with the derivatives in both operands, 0 for an operand that it has not. */
struct tape_step {
    real v, da, db;
};

/* Relative error of a few u everywhere: near 0 a continued fraction, farther out by exp(). */
static inline real tape_tanh(real x) {
#if REAL_IS_DOUBLE
    return tanh(x);
#else
    const float square = x * x;
    if (square < 0.16f)
        return x * ((square + 105) * square + 945) / ((15 * square + 420) * square + 945);
    const float e = exp_fast(-2 * fabsf(x));
    return copysignf((1 - e) / (1 + e), x);
#endif
}

/* One node but an input. Small enough to be worth its place in every loop. */
static inline struct tape_step tape_step(int32_t op, real a, real b, real c) {
    switch (op) {
    case NODE_ADD:
        return (struct tape_step){a + b, 1, 1};
    case NODE_SUB:
        return (struct tape_step){a - b, 1, -1};
    case NODE_MUL:
        return (struct tape_step){a * b, b, a};
    case NODE_DIV:
        return (struct tape_step){a / b, 1 / b, -(a / b) / b};
    case NODE_EXP: {
        const real e = exp_fast(a);
        return (struct tape_step){e, e, 0};
    }
    case NODE_LOG:
        return (struct tape_step){real_log(a), 1 / a, 0};
    case NODE_TANH: {
        const real v = tape_tanh(a);
        return (struct tape_step){v, (1 - v) * (1 + v), 0};
    }
    case NODE_SQRT: {
        const real root = real_sqrt(a);
        return (struct tape_step){root, (real)0.5 / root, 0};
    }
    case NODE_MAX:
        return a >= b ? (struct tape_step){a, 1, 0} : (struct tape_step){b, 0, 1};
    case NODE_ABS:
        return (struct tape_step){real_fabs(a), a > 0 ? 1 : a < 0 ? -1 : 0, 0};
    case NODE_RELU:
        return a > 0 ? (struct tape_step){a, 1, 0} : (struct tape_step){0, 0, 0};
    default:
        return (struct tape_step){c, 0, 0};
    }
}

/* What the derivative d lets through of t. */
static inline real tape_through(real d, real t) {
    return d == 0 || t == 0 ? 0 : d * t;
}

#define tape_is_valid      REAL_FN(tape_is_valid)
#define tape_forward       REAL_FN(tape_forward)
#define tape_reverse       REAL_FN(tape_reverse)
#define tape_forward_plain REAL_FN(tape_forward_plain)
#define tape_reverse_plain REAL_FN(tape_reverse_plain)
#define tape_forward_gauge REAL_FN(tape_forward_gauge)
#define tape_reverse_gauge REAL_FN(tape_reverse_gauge)
#define tape_objective     REAL_FN(tape_objective)

/* Known operations, operands before their node (those that it does not use too, 0 at node 0), inputs and outputs that
 * exist. */
bool tape_is_valid(const struct tape *tape);

/* y[outputs], and vy[outputs] = the derivative of y along vx[inputs]. Like all functions here that return an int: 0, or
 * -1 when there is no memory. */
int tape_forward(const struct tape *tape, const real *x, const real *vx, real *y, real *vy);

/* y, and gx[inputs] = the gradient of sum wy*y. The derivatives are kept from the way up, so that the way down is the
 * same two multiplications for every operation. */
int tape_reverse(const struct tape *tape, const real *x, const real *wy, real *y, real *gx);

/* The same by other algorithms: dual numbers, and a way down that asks for the operation again. */
int tape_forward_plain(const struct tape *tape, const real *x, const real *vx, real *y, real *vy);
int tape_reverse_plain(const struct tape *tape, const real *x, const real *wy, real *y, real *gx);

/* What rounding costs, in units of u, by the running error of Wilkinson: each value, derivative, tangent and adjoint
 * carries the bound of its own error along, in first order. Exact steps (an input, max, |.|, relu, the passing on of a
 * tangent through +, - and max, an adjoint with one reader) add nothing. Either gauge may be NULL. */
int tape_forward_gauge(const struct tape *tape, const real *x, const real *vx, real *gauge_y, real *gauge_vy);
int tape_reverse_gauge(const struct tape *tape, const real *x, const real *wy, real *gauge_y, real *gauge_gx);

/* sum wy*y at x + moved, where max, |.| and relu take the side that they take at x: the function whose gradient the
 * rules for ties describe. */
int tape_objective(const struct tape *tape, const real *x, const real *moved, const real *wy, real *sum);

#endif
