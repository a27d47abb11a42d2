/* SPDX-License-Identifier: MIT */
/* Attention by tiles of ROWS queries and a panel of keys that stay in registers.
 *
 * OpenBLAS packs the keys anew for every stripe of queries, which for a head's small width is a tenth of the work and
 * for short sequences most of it. Here the keys of a head are packed once, and the values are read as they are. Both
 * products are the same tile: rows of one factor, number by number, times rows of a panel, vector by vector. A stripe's
 * logits stay in the second-level cache, so a row gets an exact softmax in two passes, and no tile that the mask hides
 * is computed. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reference/attention.h"
#include "reference/exp.h"

#if defined(__AVX512F__)
#if !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif
enum { VECTOR_BYTES = 64, VECTORS = 4 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, VECTORS = 2 };
#else
enum { VECTOR_BYTES = 16, VECTORS = 2 };
#endif

/* ROWS*VECTORS sums, VECTORS loads and one factor fill the registers. A chunk of values fits the first-level cache. */
enum { LANES = VECTOR_BYTES / sizeof(real), ROWS = 6, PANEL = VECTORS * LANES, STRIPE = 4 * ROWS, CHUNK = 64 };

typedef real lanes __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef __typeof__((lanes){0} < (lanes){0}) lane_index;

/* Loaded once: the compiler would read it again for each row of the tile, which the loads would then limit. */
#define IN_REGISTER(x) __asm__("" : "+v"(x))

/* to[r][c] (= scale* or +=) sum over l < depth of a[r][l] * b[l][c], with c over whole vectors. */
struct product {
    size_t depth, a_stride, b_stride, to_stride;
    const real *a, *b;
    real *to, scale;
    bool add;
};

/* Both counts are constants wherever this is called, or the sums would not be registers. */
static inline __attribute__((always_inline)) void tile(const size_t rows, const size_t vectors,
                                                       const struct product *p) {
    lanes sum[ROWS][VECTORS] = {0};
    const real *a = p->a, *b = p->b;
    const size_t a_stride = p->a_stride, b_stride = p->b_stride, depth = p->depth;
    for (size_t l = 0; l < depth; l++, b += b_stride) {
        lanes right[VECTORS];
#pragma GCC unroll 8
        for (size_t v = 0; v < vectors; v++) {
            right[v] = *(const lanes *)(b + v * LANES);
            IN_REGISTER(right[v]);
        }
#pragma GCC unroll 8
        for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 8
            for (size_t v = 0; v < vectors; v++)
                sum[r][v] += a[r * a_stride + l] * right[v];
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (size_t v = 0; v < vectors; v++) {
            lanes *to = (lanes *)(p->to + r * p->to_stride + v * LANES);
            *to = p->add ? *to + sum[r][v] : p->scale * sum[r][v];
        }
}

static inline __attribute__((always_inline)) void tile_of_rows(const size_t rows, size_t vectors,
                                                               const struct product *p) {
    if (vectors >= VECTORS)
        tile(rows, VECTORS, p);
    else if (vectors == 3)
        tile(rows, VECTORS > 3 ? 3 : 1, p);
    else if (vectors == 2)
        tile(rows, VECTORS > 2 ? 2 : 1, p);
    else
        tile(rows, 1, p);
}

static void multiply(size_t rows, size_t vectors, const struct product *p) {
    switch (rows) {
    case 6:
        return tile_of_rows(6, vectors, p);
    case 5:
        return tile_of_rows(5, vectors, p);
    case 4:
        return tile_of_rows(4, vectors, p);
    case 3:
        return tile_of_rows(3, vectors, p);
    case 2:
        return tile_of_rows(2, vectors, p);
    default:
        return tile_of_rows(1, vectors, p);
    }
}

/* One head, and the scratch that all heads use in turn. */
struct head {
    const struct attention *a;
    const real *q, *k, *v;
    size_t keys;        /* that kv_len leaves */
    size_t row, column; /* distance of rows in logits, and in value and output: whole panels, whole vectors */
    real *packed;       /* [key panels][d][PANEL], zeros beyond the last key */
    real *value;        /* [t][column] when rows of v are no whole vectors */
    real *logits;       /* [STRIPE][row] */
    real *output;       /* [STRIPE][column] */
};

static size_t round_up(size_t n, size_t unit) {
    return (n + unit - 1) / unit * unit;
}

/* to[l][0..LANES) = from[0..LANES)[l] for LANES rows of `from`: interleaving the first half of the rows with the second
 * turns the square by one bit of its indices. */
static inline void transpose(const real *from, size_t stride, real *to) {
    lane_index low, high;
    lanes row[LANES], mixed[LANES];
    for (int i = 0; i < LANES; i++) {
        low[i] = i / 2 + i % 2 * LANES;
        high[i] = LANES / 2 + i / 2 + i % 2 * LANES;
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < LANES; i++)
        row[i] = *(const lanes *)(from + i * stride);
#pragma GCC unroll 4
    for (size_t step = 1; step < LANES; step *= 2) {
#pragma GCC unroll 8
        for (size_t i = 0; i < LANES / 2; i++) {
            mixed[2 * i] = __builtin_shuffle(row[i], row[i + LANES / 2], low);
            mixed[2 * i + 1] = __builtin_shuffle(row[i], row[i + LANES / 2], high);
        }
#pragma GCC unroll 16
        for (size_t i = 0; i < LANES; i++)
            row[i] = mixed[i];
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < LANES; i++)
        *(lanes *)(to + i * PANEL) = row[i];
}

static void pack_keys(const struct head *h) {
    const size_t d = h->a->width;
    for (size_t key = 0; key < round_up(h->keys, PANEL); key += LANES) {
        const size_t left = h->keys > key ? h->keys - key : 0, count = left < LANES ? left : LANES;
        const real *from = h->k + key * d;
        real *to = h->packed + key / PANEL * PANEL * d + key % PANEL;
        size_t l = 0;
        for (; count == LANES && l + LANES <= d; l += LANES)
            transpose(from + l, d, to + l * PANEL);
        for (; l < d; l++)
            for (size_t j = 0; j < LANES; j++)
                to[l * PANEL + j] = j < count ? from[j * d + l] : 0;
    }
}

static void pack_values(struct head *h) {
    const size_t d = h->a->width;
    if (h->column == d)
        return;
    for (size_t j = 0; j < h->keys; j++) {
        memcpy(h->value + j * h->column, h->v + j * d, d * sizeof *h->v);
        memset(h->value + j * h->column + d, 0, (h->column - d) * sizeof *h->v);
    }
    h->v = h->value;
}

static size_t visible_keys(const struct head *h, size_t query) {
    return h->a->causal && query + 1 < h->keys ? query + 1 : h->keys;
}

static size_t tile_rows(size_t rows, size_t r) {
    return rows - r < ROWS ? rows - r : ROWS;
}

/* Panel by panel, so that one serves all tiles of the stripe from the first-level cache. */
static void stripe_logits(const struct head *h, size_t first, size_t rows) {
    const size_t d = h->a->width, seen = visible_keys(h, first + rows - 1);
    for (size_t key = 0; key < seen; key += PANEL)
        for (size_t r = 0; r < rows; r += ROWS) {
            const size_t count = tile_rows(rows, r), end = visible_keys(h, first + r + count - 1);
            if (end <= key)
                continue;
            multiply(count, (end - key + LANES - 1) / LANES,
                     &(struct product){.depth = d,
                                       .a = h->q + (first + r) * d,
                                       .a_stride = d,
                                       .b = h->packed + key * d,
                                       .b_stride = PANEL,
                                       .to = h->logits + r * h->row + key,
                                       .to_stride = h->row,
                                       .scale = h->a->scale});
        }
}

/* Numerators of each row, and zeros up to where the tile's last row ends. A row is filled up to a whole vector with
 * what exp takes to 0: a loop for the rest would cost a short row more than all of its vectors. */
static void stripe_softmax(const struct head *h, size_t first, size_t rows, real *inverse) {
    for (size_t r = 0; r < rows; r++) {
        const size_t top = r / ROWS * ROWS, end = visible_keys(h, first + top + tile_rows(rows, top) - 1);
        const size_t visible = visible_keys(h, first + r), filled = round_up(visible, LANES);
        real *row = h->logits + r * h->row;
        for (size_t j = visible; j < filled; j++)
            row[j] = (real)-INFINITY;
        inverse[r] = 1 / exp_below_top(row, filled, row_max(row, filled), row);
        for (size_t j = filled; j < end; j++)
            row[j] = 0;
    }
}

static void stripe_values(const struct head *h, size_t first, size_t rows) {
    const size_t seen = visible_keys(h, first + rows - 1);
    for (size_t key = 0; key < seen; key += CHUNK)
        for (size_t c = 0; c < h->column; c += PANEL)
            for (size_t r = 0; r < rows; r += ROWS) {
                const size_t count = tile_rows(rows, r), end = visible_keys(h, first + r + count - 1);
                if (end <= key)
                    continue;
                multiply(count, (h->column - c) / LANES,
                         &(struct product){.depth = end - key < CHUNK ? end - key : CHUNK,
                                           .a = h->logits + r * h->row + key,
                                           .a_stride = h->row,
                                           .b = h->v + key * h->column + c,
                                           .b_stride = h->column,
                                           .to = h->output + r * h->column + c,
                                           .to_stride = h->column,
                                           .scale = 1,
                                           .add = key > 0});
            }
}

static void head_run(struct head *h, real *o) {
    const size_t t = h->a->tokens, d = h->a->width;
    real inverse[STRIPE];
    pack_keys(h);
    pack_values(h);
    for (size_t first = 0; first < t; first += STRIPE) {
        const size_t rows = t - first < STRIPE ? t - first : STRIPE;
        stripe_logits(h, first, rows);
        stripe_softmax(h, first, rows, inverse);
        stripe_values(h, first, rows);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < d; c++)
                o[(first + r) * d + c] = h->output[r * h->column + c] * inverse[r];
    }
}

static size_t keys_of(const struct attention *a, size_t batch) {
    if (a->kv_len == NULL)
        return a->tokens;
    const size_t given = a->kv_len[batch] > 0 ? (size_t)a->kv_len[batch] : 0;
    return given < a->tokens ? given : a->tokens;
}

static int answer(const struct attention *a, real *o) {
    const size_t t = a->tokens, d = a->width;
    struct head h = {.a = a, .row = round_up(t, PANEL), .column = round_up(d, LANES)};
    const size_t value = h.column == d ? 0 : t * h.column;
    const size_t total = h.row * d + value + STRIPE * (h.row + h.column);
    real *space = aligned_alloc(64, round_up(total * sizeof *space, 64));
    if (space == NULL)
        return -1;
    h.packed = space;
    h.logits = h.packed + h.row * d;
    h.output = h.logits + STRIPE * h.row;
    h.value = h.output + STRIPE * h.column;
    for (size_t i = 0; i < a->batches * a->heads; i++) {
        const size_t offset = i * t * d;
        h.q = a->q + offset;
        h.k = a->k + offset;
        h.v = a->v + offset;
        h.keys = keys_of(a, i / a->heads);
        if (h.keys == 0)
            memset(o + offset, 0, t * d * sizeof *o);
        else
            head_run(&h, o + offset);
    }
    free(space);
    return 0;
}

int attention_forward(const struct attention *a, real *o, real *gauge) {
    if (a->batches == 0 || a->heads == 0 || a->tokens == 0 || a->width == 0)
        return 0;
    if (answer(a, o) != 0)
        return -1;
    return gauge == NULL ? 0 : attention_gauge(a, o, gauge);
}
