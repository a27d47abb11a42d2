/* SPDX-License-Identifier: MIT */
/* Valid tapes from random numbers. A tape that is drawn blindly ends in NaN after a few nodes, so it is grown: each
 * node is computed as it is chosen. What leaves the domain, grows too large, is nothing but rounding, or lies so near
 * to a kink that rounding could choose the side becomes tanh(), log() or exp() instead. Which nodes are inputs and
 * constants depends on their index alone, so that two tapes of one shape and size have operands that fit each other's
 * operations. */
#ifndef REFERENCE_TAPE_GROW_H
#define REFERENCE_TAPE_GROW_H

#include "reference/real.h"

enum tape_shape {
    SHAPE_RANDOM,  /* operands anywhere before the node: some forty deep, many nodes that nobody reads */
    SHAPE_SUM,     /* the same with a tree of sums on top, so that every node counts */
    SHAPE_FAN_OUT, /* a sum in which node 0 is an operand of every second node */
    SHAPE_CHAIN,   /* each node reads the one before: as deep as it is long */
    SHAPE_DEAD,    /* max and relu turn their backs on infinities; needs DEAD_PERIOD nodes for each output to differ */
    SHAPE_TIES,    /* small whole numbers, so that max meets equals, and relu and |.| meet 0 */
    SHAPE_QUOTIENTS, /* one operation deep, mostly divisions */
    SHAPE_KINDS
};

enum { DEAD_PERIOD = 14 };

struct tape_draft {
    enum tape_shape shape;
    size_t nodes, inputs, outputs;
    const real *x;       /* [inputs] */
    int32_t *op, *a, *b; /* [nodes]; a and b are random from 0 to 2^30 at first, op is written only */
    int32_t *out;        /* [outputs], random at first as well */
    real *c;             /* [nodes], the values of constants */
};

#define tape_grow REAL_FN(tape_grow)

/* Returns 0, or -1 when there is no memory. */
int tape_grow(const struct tape_draft *draft);

#endif
