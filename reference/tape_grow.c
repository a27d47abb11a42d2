/* SPDX-License-Identifier: MIT */
#include "reference/tape_grow.h"

#include <stdlib.h>

#include "reference/tape.h"

enum { LEAF_PERIOD = 5 };

struct growth {
    const struct tape_draft *draft;
    real *v, *error; /* [nodes]: values, and how many u they may be off */
};

static uint64_t mixed(uint64_t a, uint64_t b) {
    uint64_t h = (a << 32 ^ b) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    return h * 0xbf58476d1ce4e5b9u >> 32;
}

static void set_node(const struct growth *growth, size_t i, int32_t op, size_t a, size_t b) {
    const struct tape_draft *draft = growth->draft;
    draft->op[i] = op;
    draft->a[i] = (int32_t)a;
    draft->b[i] = (int32_t)b;
    if (op == NODE_INPUT || op == NODE_CONST) {
        growth->v[i] = op == NODE_INPUT ? draft->x[a] : draft->c[i];
        growth->error[i] = 0;
        return;
    }
    const struct tape_step step = tape_step(op, growth->v[a], growth->v[b], 0);
    growth->v[i] = step.v;
    growth->error[i] = real_fabs(step.v) + tape_through(real_fabs(step.da), growth->error[a]) +
                       tape_through(real_fabs(step.db), growth->error[b]);
}

static void set_leaf(const struct growth *growth, size_t i) {
    const size_t inputs = growth->draft->inputs;
    const bool constant = inputs == 0 || i / LEAF_PERIOD % 4 == 3;
    set_node(growth, i, constant ? NODE_CONST : NODE_INPUT, constant ? 0 : (size_t)growth->draft->a[i] % inputs, 0);
}

/* Far enough from where the derivative jumps or has no bound. */
static bool is_in_domain(int32_t op, real a, real b) {
    const real gap = (real)0.001;
    switch (op) {
    case NODE_DIV:
        return real_fabs(b) >= (real)0.25;
    case NODE_EXP:
        return a <= 2;
    case NODE_LOG:
        return a >= (real)0.25;
    case NODE_TANH:
        return real_fabs(a) <= 3;
    case NODE_SQRT:
        return a >= (real)0.0625;
    case NODE_MAX:
        return real_fabs(a - b) >= gap * (1 + real_fabs(a));
    case NODE_ABS:
    case NODE_RELU:
        return real_fabs(a) >= gap;
    default:
        return true;
    }
}

/* A value that is nothing but rounding must not go further: its square would be off by much more than first order
 * says. The same holds for the derivative of tanh() where it is flat. */
static bool is_tame(const struct growth *growth, size_t i) {
    const int32_t a = growth->draft->a[i], b = growth->draft->b[i], op = growth->draft->op[i];
    const struct tape_step step = tape_step(op, growth->v[a], growth->v[b], 0);
    const real largest = 8, loss = 64, cancelled = 0x1p12;
    return real_fabs(step.v) <= largest && real_fabs(step.da) <= largest && real_fabs(step.db) <= largest &&
           growth->error[i] <= loss && growth->error[i] <= cancelled * real_fabs(step.v);
}

/* The operation that h names, or one that takes any number and makes it smaller where that does not fit. A max of a
 * node with itself is a tie that everybody sees as one. */
static void set_any(const struct growth *growth, size_t i, size_t a, size_t b, uint64_t h) {
    static const int32_t ops[] = {NODE_ADD, NODE_SUB,  NODE_MUL,  NODE_MUL, NODE_DIV, NODE_EXP,
                                  NODE_LOG, NODE_TANH, NODE_SQRT, NODE_MAX, NODE_ABS, NODE_RELU};
    const int32_t op = ops[h % (sizeof ops / sizeof ops[0])];
    const bool itself = op == NODE_MAX && a == b;
    set_node(growth, i, op, a, b);
    if ((!itself && !is_in_domain(op, growth->v[a], growth->v[b])) || !is_tame(growth, i))
        set_node(growth, i, growth->v[a] > 3 ? NODE_LOG : growth->v[a] < -3 ? NODE_EXP : NODE_TANH, a, b);
}

static void set_whole(const struct growth *growth, size_t i, size_t a, size_t b, uint64_t h) {
    static const int32_t ops[] = {NODE_ADD, NODE_SUB, NODE_MUL, NODE_MAX, NODE_ABS, NODE_RELU};
    set_node(growth, i, ops[h % (sizeof ops / sizeof ops[0])], a, b);
    if (!(real_fabs(growth->v[i]) <= 8))
        set_node(growth, i, NODE_MAX, a, b);
}

static void set_quotient(const struct growth *growth, size_t i, size_t a, size_t b, uint64_t h) {
    static const int32_t ops[] = {NODE_DIV, NODE_DIV, NODE_DIV, NODE_LOG, NODE_SQRT, NODE_MUL};
    const int32_t op = ops[h % (sizeof ops / sizeof ops[0])];
    a -= a % LEAF_PERIOD;
    b -= b % LEAF_PERIOD;
    set_node(growth, i, (op == NODE_LOG || op == NODE_SQRT) && !(growth->v[a] > 0) ? NODE_DIV : op, a, b);
}

/* One period of the dead shape: an overflow in float32, a root and a logarithm of 0, each behind a max or a relu that
 * does not let it through. Operands are counted from the start of the period, PREVIOUS is the last node before it. */
enum { PREVIOUS = -1 };

static const struct {
    int32_t op, a, b;
    real constant;
} dead[DEAD_PERIOD] = {
    {.op = NODE_INPUT},
    {.op = NODE_CONST, .constant = 200},
    {.op = NODE_ADD, .a = 1, .b = 0},
    {.op = NODE_EXP, .a = 2},
    {.op = NODE_SUB, .a = PREVIOUS, .b = 3},
    {.op = NODE_MAX, .a = PREVIOUS, .b = 4},
    {.op = NODE_CONST, .constant = 0},
    {.op = NODE_MUL, .a = 0, .b = 6},
    {.op = NODE_SQRT, .a = 7},
    {.op = NODE_RELU, .a = 8},
    {.op = NODE_MUL, .a = 5, .b = 0},
    {.op = NODE_TANH, .a = 10},
    {.op = NODE_LOG, .a = 7},
    {.op = NODE_MAX, .a = 12, .b = 11},
};

static size_t dead_operand(int32_t operand, size_t start) {
    if (operand == PREVIOUS)
        return start == 0 ? 0 : start - 1;
    return start + (size_t)operand;
}

static void set_dead(const struct growth *growth, size_t i) {
    const size_t k = i % DEAD_PERIOD, start = i - k, inputs = growth->draft->inputs;
    const int32_t op = inputs == 0 && k == 0 ? NODE_CONST : dead[k].op;
    if (op == NODE_INPUT)
        set_node(growth, i, op, (size_t)growth->draft->a[i] % inputs, 0);
    else if (op == NODE_CONST) {
        growth->draft->c[i] = dead[k].constant;
        set_node(growth, i, op, 0, 0);
    } else
        set_node(growth, i, op, dead_operand(dead[k].a, start), dead_operand(dead[k].b, start));
}

static void set_inner(const struct growth *growth, size_t i) {
    const enum tape_shape shape = growth->draft->shape;
    const uint64_t left = (uint64_t)growth->draft->a[i], right = (uint64_t)growth->draft->b[i];
    const uint64_t h = mixed(left, right);
    size_t a = left % i, b = right % i;
    if (h >> 29 == 3) /* a node with itself, as in x*x */
        b = a;
    if (shape == SHAPE_FAN_OUT && h & 1 << 20)
        *(h & 1 << 21 ? &a : &b) = 0;
    if (shape == SHAPE_CHAIN) {
        a = i - 1 - (i % LEAF_PERIOD == 1 && i > 1);
        b = i - i % LEAF_PERIOD;
    }
    if (shape == SHAPE_TIES)
        set_whole(growth, i, a, b, h);
    else if (shape == SHAPE_QUOTIENTS)
        set_quotient(growth, i, a, b, h);
    else
        set_any(growth, i, a, b, h);
}

static bool is_sum(const struct tape_draft *draft) {
    return draft->shape == SHAPE_SUM || draft->shape == SHAPE_FAN_OUT;
}

/* A tournament: the nodes in pairs, the pairs in pairs, and so on to the last node. No differences: the sum would
 * cancel and be little but rounding. */
static void set_sum(const struct growth *growth, size_t i, size_t first) {
    const size_t a = 2 * (i - first), b = a + 1 < i ? a + 1 : i - 1;
    set_node(growth, i, NODE_ADD, a < i ? a : i - 1, b);
}

static void choose_outputs(const struct tape_draft *draft) {
    static const size_t alive[] = {5, 11, 13};
    for (size_t k = 0; k < draft->outputs; k++) {
        const size_t drawn = (size_t)draft->out[k], periods = draft->nodes / DEAD_PERIOD;
        size_t node = drawn % draft->nodes;
        if ((is_sum(draft) || draft->shape == SHAPE_CHAIN) && k < draft->nodes)
            node = draft->nodes - 1 - k;
        else if (draft->shape == SHAPE_DEAD && periods > 0)
            node = drawn / 3 % periods * DEAD_PERIOD + alive[drawn % 3];
        else if (drawn / 7 % 2 == 0)
            node = draft->nodes - 1 - node / 2;
        draft->out[k] = (int32_t)node;
    }
}

int tape_grow(const struct tape_draft *draft) {
    real *v = malloc((2 * draft->nodes + 1) * sizeof *v);
    if (v == NULL)
        return -1;
    const struct growth growth = {.draft = draft, .v = v, .error = v + draft->nodes};
    const size_t grown = is_sum(draft) ? (draft->nodes + 1) / 2 : draft->nodes;
    for (size_t i = 0; i < draft->nodes; i++)
        if (i >= grown)
            set_sum(&growth, i, grown);
        else if (draft->shape == SHAPE_DEAD)
            set_dead(&growth, i);
        else if (i % LEAF_PERIOD == 0)
            set_leaf(&growth, i);
        else
            set_inner(&growth, i);
    if (draft->nodes > 0)
        choose_outputs(draft);
    free(v);
    return 0;
}
