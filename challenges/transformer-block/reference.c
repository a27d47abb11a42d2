/* SPDX-License-Identifier: MIT */
/* The block of reference/block.h, a few sequences at a time. What lies between the operations is several times as large
 * as the input; in groups of some hundred rows it stays in the cache, in memory that the process has touched before,
 * while the products are still large enough for OpenBLAS. Gradients of weights add up over the groups. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reference/block.h"

enum { GROUP_ROWS = 512 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static struct block_shape shape_of(const struct block_params *p) {
    return (struct block_shape){(size_t)p->b, (size_t)p->t, (size_t)p->d,
                                (size_t)p->h, (size_t)p->f, (double)p->ln_eps};
}

/* Sequences of a group: whole ones, at least one. */
static size_t group_of(const struct block_shape *s) {
    size_t fitting = s->tokens > 0 ? GROUP_ROWS / s->tokens : 1;
    return smaller(fitting > 0 ? fitting : 1, s->batches);
}

/* Forward; with a dy also backward, and then without y. */
static int run(const struct block_params *p, const struct block_weights *w, const real *x, real *y, const real *dy,
               real *dx, const struct block_gradients *g, bool plain) {
    const struct block_shape all = shape_of(p);
    struct block_shape part = all;
    part.batches = group_of(&all);
    const size_t tape_reals = block_tape_reals(&part), each = all.tokens * all.width;
    real *storage = malloc((tape_reals + (dy != NULL ? block_scratch_reals(&part) : 0) + 1) * sizeof *storage);
    if (storage == NULL)
        return 1;
    const struct block_tape tape = block_tape_at(&part, storage);
    for (size_t first = 0; first < all.batches; first += part.batches) {
        part.batches = smaller(part.batches, all.batches - first);
        const size_t at = first * each;
        (plain ? block_forward_plain : block_forward)(&part, w, x + at, &tape, y != NULL ? y + at : NULL);
        if (dy != NULL)
            (plain ? block_backward_plain : block_backward)(&part, w, x + at, &tape, dy + at, storage + tape_reals,
                                                            dx + at, g);
    }
    free(storage);
    return 0;
}

int reference_block_forward(const struct block_params *p, const real *x, const real *ln1g, const real *ln1b,
                            const real *wqkv, const real *bqkv, const real *wo, const real *bo, const real *ln2g,
                            const real *ln2b, const real *w1, const real *b1, const real *w2, const real *b2, real *y) {
    const struct block_weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1, w2, b2};
    return run(p, &w, x, y, NULL, NULL, NULL, false);
}

int plain_block_forward(const struct block_params *p, const real *x, const real *ln1g, const real *ln1b,
                        const real *wqkv, const real *bqkv, const real *wo, const real *bo, const real *ln2g,
                        const real *ln2b, const real *w1, const real *b1, const real *w2, const real *b2, real *y) {
    const struct block_weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1, w2, b2};
    return run(p, &w, x, y, NULL, NULL, NULL, true);
}

int reference_block_backward(const struct block_params *p, const real *x, const real *ln1g, const real *ln1b,
                             const real *wqkv, const real *bqkv, const real *wo, const real *bo, const real *ln2g,
                             const real *ln2b, const real *w1, const real *b1, const real *w2, const real *b2,
                             const real *dy, real *dx, real *dln1g, real *dln1b, real *dwqkv, real *dbqkv, real *dwo,
                             real *dbo, real *dln2g, real *dln2b, real *dw1, real *db1, real *dw2, real *db2) {
    const struct block_weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1, w2, b2};
    const struct block_gradients g = {dln1g, dln1b, dwqkv, dbqkv, dwo, dbo, dln2g, dln2b, dw1, db1, dw2, db2};
    return run(p, &w, x, NULL, dy, dx, &g, false);
}

int plain_block_backward(const struct block_params *p, const real *x, const real *ln1g, const real *ln1b,
                         const real *wqkv, const real *bqkv, const real *wo, const real *bo, const real *ln2g,
                         const real *ln2b, const real *w1, const real *b1, const real *w2, const real *b2,
                         const real *dy, real *dx, real *dln1g, real *dln1b, real *dwqkv, real *dbqkv, real *dwo,
                         real *dbo, real *dln2g, real *dln2b, real *dw1, real *db1, real *dw2, real *db2) {
    const struct block_weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1, w2, b2};
    const struct block_gradients g = {dln1g, dln1b, dwqkv, dbqkv, dwo, dbo, dln2g, dln2b, dw1, db1, dw2, db2};
    return run(p, &w, x, NULL, dy, dx, &g, true);
}

static real *moved(size_t count, const real *at, const real *by, real **room) {
    real *sum = *room;
    for (size_t i = 0; i < count; i++)
        sum[i] = at[i] + by[i];
    *room += count;
    return sum;
}

/* sum dy*y where x and every weight are moved by what their gradients hold. */
real objective_block_backward(const struct block_params *p, const real *x, const real *ln1g, const real *ln1b,
                              const real *wqkv, const real *bqkv, const real *wo, const real *bo, const real *ln2g,
                              const real *ln2b, const real *w1, const real *b1, const real *w2, const real *b2,
                              const real *dy, const real *dx, const real *dln1g, const real *dln1b, const real *dwqkv,
                              const real *dbqkv, const real *dwo, const real *dbo, const real *dln2g, const real *dln2b,
                              const real *dw1, const real *db1, const real *dw2, const real *db2) {
    const struct block_shape shape = shape_of(p);
    const size_t d = shape.width, f = shape.hidden, count = shape.batches * shape.tokens * d;
    real *storage = malloc((2 * count + block_parameter_reals(&shape) + 1) * sizeof *storage), *next = storage;
    if (storage == NULL)
        return (real)NAN;
    const struct block_weights w = {
        moved(d, ln1g, dln1g, &next),     moved(d, ln1b, dln1b, &next), moved(3 * d * d, wqkv, dwqkv, &next),
        moved(3 * d, bqkv, dbqkv, &next), moved(d * d, wo, dwo, &next), moved(d, bo, dbo, &next),
        moved(d, ln2g, dln2g, &next),     moved(d, ln2b, dln2b, &next), moved(d * f, w1, dw1, &next),
        moved(f, b1, db1, &next),         moved(f * d, w2, dw2, &next), moved(d, b2, db2, &next)};
    const real *input = moved(count, x, dx, &next);
    real loss = 0;
    if (run(p, &w, input, next, NULL, NULL, NULL, true) != 0)
        loss = (real)NAN;
    for (size_t i = 0; i < count; i++)
        loss += dy[i] * next[i];
    free(storage);
    return loss;
}
