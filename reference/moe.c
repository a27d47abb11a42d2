/* SPDX-License-Identifier: MIT */
/* The experts. All tokens of an expert go through it together, so that its weights are read once: that is the whole
 * point of dispatching. */
#include "reference/moe.h"

#include <stdlib.h>
#include <string.h>

#include "reference/gate.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

enum { ROWS = 384, FEW_ROWS = 4, STRIP = 2, AHEAD = 2048, LINE = 64 / sizeof(real) };

/* Weights that are read once come from memory, and asking for them ahead of time nearly doubles the speed. A strip of
 * `right` is read for the first row of `left` and is in the cache for the others. */
static void ask_ahead(size_t count, const real *right) {
    for (size_t j = 0; j < count; j += LINE)
        __builtin_prefetch(right + AHEAD + j);
}

static void product_of_few(size_t rows, size_t columns, size_t inner, const real *left, const real *right, real *out) {
    size_t i = 0;
    memset(out, 0, rows * columns * sizeof *out);
    for (; i + STRIP <= inner; i += STRIP) {
        const real *upper = right + i * columns, *lower = upper + columns;
        ask_ahead(STRIP * columns, upper);
        for (size_t r = 0; r < rows; r++) {
            const real first = left[r * inner + i], second = left[r * inner + i + 1];
            real *restrict to = out + r * columns;
            for (size_t j = 0; j < columns; j++)
                to[j] += first * upper[j] + second * lower[j];
        }
    }
    for (size_t r = 0; i < inner && r < rows; r++)
        for (size_t j = 0; j < columns; j++)
            out[r * columns + j] += left[r * inner + i] * right[i * columns + j];
}

void moe_product(size_t rows, size_t columns, size_t inner, const real *left, const real *right, real *out) {
    const int m = (int)rows, n = (int)columns, k = (int)inner;
    if (rows <= FEW_ROWS || inner == 0 || columns == 0)
        product_of_few(rows, columns, inner, left, right, out);
    else
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, left, k, right, n, 0, out, n);
}

struct bench { /* of one block of tokens of one expert */
    real *x, *h, *o;
};

/* choice[rows] are choice numbers of one expert. */
static void run_block(const struct moe *moe, const struct moe_routing *routing, size_t expert, const size_t *choice,
                      size_t rows, const struct bench *bench, real *y) {
    const size_t d = moe->width, f = moe->hidden, weights = expert * d * f;
    for (size_t r = 0; r < rows; r++)
        memcpy(bench->x + r * d, moe->x + choice[r] / moe->chosen * d, d * sizeof *bench->x);
    moe_product(rows, f, d, bench->x, moe->w1 + weights, bench->h);
    gate_both(GATE_SILU, rows * f, bench->h, bench->h, NULL);
    moe_product(rows, d, f, bench->h, moe->w2 + weights, bench->o);
    for (size_t r = 0; r < rows; r++) {
        const real gate = routing->gate[choice[r]], *from = bench->o + r * d;
        real *restrict to = y + choice[r] / moe->chosen * d;
        for (size_t i = 0; i < d; i++)
            to[i] += gate * from[i];
    }
}

int moe_combine(const struct moe *moe, const struct moe_routing *routing, real *y) {
    const size_t d = moe->width, e = moe->experts;
    size_t *first = malloc((e + 1) * sizeof *first);
    size_t *choice = first != NULL ? moe_place(moe, routing, first) : NULL;
    real *space = malloc((ROWS * (2 * d + moe->hidden) + 1) * sizeof *space);
    const int status = choice != NULL && space != NULL ? 0 : -1;
    const struct bench bench = {.x = space, .o = space + ROWS * d, .h = space + 2 * ROWS * d};
    if (moe->tokens * d > 0)
        memset(y, 0, moe->tokens * d * sizeof *y);
    for (size_t i = 0; status == 0 && i < e; i++)
        for (size_t at = first[i]; at < first[i + 1]; at += ROWS) {
            const size_t left = first[i + 1] - at;
            run_block(moe, routing, i, choice + at, left < ROWS ? left : ROWS, &bench, y);
        }
    free(space);
    free(choice);
    free(first);
    return status;
}
