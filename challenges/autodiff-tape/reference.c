/* SPDX-License-Identifier: MIT */
/* Tapes: all the work is in reference/tape.h; this file translates the contract's parameters. The fills give random
 * numbers for a, b and out, and in op the shape of the tape to grow from them; both generators make a tape of that. */
#include "autodiff-tape.h"

#include "reference/tape.h"
#include "reference/tape_grow.h"

_Static_assert((int)OP_INPUT == NODE_INPUT && (int)OP_DIV == NODE_DIV && (int)OP_MAX == NODE_MAX &&
                   (int)OP_RELU == NODE_RELU,
               "the contract and the reference number the operations alike");

enum { BROKEN = 2 }; /* a tape that is none, as the proof of sensitivity tries */

static struct tape problem(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b,
                           const real *c, const int32_t *out) {
    return (struct tape){(size_t)p->n_nodes, (size_t)p->n_in, (size_t)p->n_out, op, a, b, c, out};
}

/* The baseline trusts its tape, like a candidate; the oracle, which has seen it first, does not. */
static bool is_trusted(const struct tape *tape) {
    return !REAL_IS_DOUBLE || tape_is_valid(tape);
}

int reference_tape_jvp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b,
                       const real *c, const int32_t *out, const real *x, const real *vx, real *y, real *vy,
                       real *gauge_y, real *gauge_vy) {
    const struct tape tape = problem(p, op, a, b, c, out);
    if (!is_trusted(&tape))
        return BROKEN;
    if ((gauge_y != NULL || gauge_vy != NULL) && tape_forward_gauge(&tape, x, vx, gauge_y, gauge_vy) != 0)
        return -1;
    return tape_forward(&tape, x, vx, y, vy);
}

int plain_tape_jvp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const real *c,
                   const int32_t *out, const real *x, const real *vx, real *y, real *vy) {
    const struct tape tape = problem(p, op, a, b, c, out);
    return tape_forward_plain(&tape, x, vx, y, vy);
}

int reference_tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b,
                       const real *c, const int32_t *out, const real *x, const real *wy, real *y, real *gx,
                       real *gauge_y, real *gauge_gx) {
    const struct tape tape = problem(p, op, a, b, c, out);
    if (!is_trusted(&tape))
        return BROKEN;
    if ((gauge_y != NULL || gauge_gx != NULL) && tape_reverse_gauge(&tape, x, wy, gauge_y, gauge_gx) != 0)
        return -1;
    return tape_reverse(&tape, x, wy, y, gx);
}

int plain_tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const real *c,
                   const int32_t *out, const real *x, const real *wy, real *y, real *gx) {
    const struct tape tape = problem(p, op, a, b, c, out);
    return tape_reverse_plain(&tape, x, wy, y, gx);
}

/* sum wy*y at x + gx, on the sides of max, |.| and relu that x is on. */
real objective_tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b,
                        const real *c, const int32_t *out, const real *x, const real *wy, real *y, const real *gx) {
    const struct tape tape = problem(p, op, a, b, c, out);
    real sum = 0;
    (void)y;
    return tape_objective(&tape, x, gx, wy, &sum) == 0 ? sum : (real)NAN;
}

static int grow(const struct tape_params *p, int32_t *op, int32_t *a, int32_t *b, real *c, int32_t *out,
                const real *x) {
    const struct tape_draft draft = {.shape = p->n_nodes > 0 ? (enum tape_shape)op[0] : SHAPE_RANDOM,
                                     .nodes = (size_t)p->n_nodes,
                                     .inputs = (size_t)p->n_in,
                                     .outputs = (size_t)p->n_out,
                                     .x = x,
                                     .op = op,
                                     .a = a,
                                     .b = b,
                                     .out = out,
                                     .c = c};
    return tape_grow(&draft);
}

int generate_forward(const struct tape_params *p, int32_t *op, int32_t *a, int32_t *b, real *c, int32_t *out, real *x,
                     real *vx, real *y, real *vy) {
    (void)vx, (void)y, (void)vy;
    return grow(p, op, a, b, c, out, x);
}

int generate_reverse(const struct tape_params *p, int32_t *op, int32_t *a, int32_t *b, real *c, int32_t *out, real *x,
                     real *wy, real *y, real *gx) {
    (void)wy, (void)y, (void)gx;
    return grow(p, op, a, b, c, out, x);
}
