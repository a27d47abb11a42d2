/* SPDX-License-Identifier: MIT */
/* The contract of autodiff-tape: what a solution includes and the harness calls. A tape is a straight-line program in
 * single assignment form; the two functions differentiate it in the forward and in the reverse mode (Griewank and
 * Walther, Evaluating Derivatives, 2008, chapter 3). */
#ifndef AUTODIFF_TAPE_H
#define AUTODIFF_TAPE_H

#include <stdint.h>

/* What node i computes, with A and B the values of nodes a[i] and b[i]. */
enum tape_op {
    OP_INPUT, /* x[a[i]]; several nodes may read the same one */
    OP_CONST, /* c[i] */
    OP_ADD,   /* A + B */
    OP_SUB,   /* A - B */
    OP_MUL,   /* A * B */
    OP_DIV,   /* A / B */
    OP_EXP,   /* exp(A) */
    OP_LOG,   /* log(A) */
    OP_TANH,  /* tanh(A) */
    OP_SQRT,  /* sqrt(A) */
    OP_MAX,   /* the larger one; where they are equal, A, which then gets the whole derivative */
    OP_ABS,   /* |A|, with derivative 0 at 0 */
    OP_RELU   /* A or 0, with derivative 0 at 0 */
};

struct tape_params {
    int32_t n_nodes, n_in, n_out; /* each >= 0 */
};

/* Both functions take the tape as four arrays of n_nodes, not as an array of structs, and the outputs' nodes:
 *
 *   op   the operations, as above
 *   a,b  the operands: before the node, 0 <= a[i] < i and 0 <= b[i] < i. OP_INPUT has a number below n_in in a[i]. A
 *        field that an operation does not use holds anything that would be an operand, 0 at node 0.
 *   c    the constants; at other nodes anything finite
 *   out  [n_out] which nodes are handed out: any, inputs too, and a node may come twice
 *
 * Values follow IEEE arithmetic and may become infinite where no output depends on them. In the derivatives zero times
 * anything is zero, also infinity and NaN: a tangent or an adjoint of 0, and a derivative of 0, let nothing through.
 *
 * All arrays are dense, do not overlap, and are only read but for the two outputs, which are written in full whatever
 * they held. An array without elements may be at any address. Memory from malloc is fine; the stack has 1 MiB. One
 * thread. Both return 0. */

/* Forward: y[k] = the value of node out[k] at x, and vy[k] = its derivative along the direction vx.
 *   x, vx [n_in]    y, vy [n_out] */
int tape_jvp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *vx, float *y, float *vy);

/* Reverse: y as above, and gx[j] = the derivative of wy[0]*y[0] + ... + wy[n_out-1]*y[n_out-1] in x[j].
 *   x [n_in]    wy, y [n_out]    gx [n_in] */
int tape_vjp(const struct tape_params *p, const int32_t *op, const int32_t *a, const int32_t *b, const float *c,
             const int32_t *out, const float *x, const float *wy, float *y, float *gx);

#endif
