/* SPDX-License-Identifier: MIT */
/* Blocks of queries against blocks of keys: two products by OpenBLAS with a running softmax between them. Each query
 * keeps the largest logit so far, the sum of the numerators, and in `o` the sum of weighted values; all three are
 * brought to the new largest logit when a block raises it. */
#include "reference/flash.h"

#include <stdlib.h>
#include <string.h>

#include "reference/exp.h"
#include "reference/flash_block.h"

struct flash_span flash_visible(const struct flash *a, size_t query) {
    const int64_t last = (int64_t)query + a->offset, keys = (int64_t)a->keys;
    const int64_t end = last + 1 < 0 ? 0 : last + 1 < keys ? last + 1 : keys;
    const int64_t first = a->window > 0 && last - a->window + 1 > 0 ? last - a->window + 1 : 0;
    return (struct flash_span){(size_t)(first < end ? first : end), (size_t)end};
}

struct flash_span flash_block_part(const struct flash_block *b, size_t row, size_t key, size_t count) {
    struct flash_span span = flash_visible(b->a, b->first + row);
    span.first = span.first < key ? 0 : span.first - key;
    span.end = span.end < key ? 0 : span.end - key;
    span.end = span.end < count ? span.end : count;
    span.first = span.first < span.end ? span.first : span.end;
    return span;
}

void flash_block_logits(size_t rows, size_t count, size_t d, real factor, const real *q, const real *k, real *out) {
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)count, (int)d, factor, q, (int)d, k, (int)d, 0,
              out, (int)count);
}

static void scale_row(real *x, size_t n, real factor) {
#pragma omp simd
    for (size_t c = 0; c < n; c++)
        x[c] *= factor;
}

/* Logits of one query become numerators, and its running values follow. What it does not see becomes 0. */
static void absorb_row(struct flash_block *b, size_t row, struct flash_span seen, size_t count, real *x, real *o) {
    memset(x, 0, seen.first * sizeof *x);
    memset(x + seen.end, 0, (count - seen.end) * sizeof *x);
    if (seen.first == seen.end)
        return;
    const real high = row_max(x + seen.first, seen.end - seen.first);
    if (high > b->top[row]) {
        const real keep = real_exp(b->top[row] - high);
        b->top[row] = high;
        b->sum[row] *= keep;
        scale_row(o, b->a->width, keep);
    }
    b->sum[row] += exp_shift(x + seen.first, seen.end - seen.first, 1, b->top[row], x + seen.first);
}

/* A single query is two products with a vector. Its keys are read once: four at a time hide the latency of the sums,
 * and what was read of the values is used at once. */
static void logits_of_one(const real *q, const real *k, size_t d, size_t count, real scale, real *out) {
    size_t j = 0;
    for (; j + 4 <= count; j += 4) {
        const real *k0 = k + j * d, *k1 = k0 + d, *k2 = k1 + d, *k3 = k2 + d;
        real s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
        for (size_t l = 0; l < d; l++) {
            s0 += q[l] * k0[l];
            s1 += q[l] * k1[l];
            s2 += q[l] * k2[l];
            s3 += q[l] * k3[l];
        }
        out[j] = scale * s0, out[j + 1] = scale * s1, out[j + 2] = scale * s2, out[j + 3] = scale * s3;
    }
    for (; j < count; j++) {
        real s = 0;
#pragma omp simd reduction(+ : s)
        for (size_t l = 0; l < d; l++)
            s += q[l] * k[j * d + l];
        out[j] = scale * s;
    }
}

static void add_values_of_one(const real *p, const real *v, size_t d, size_t count, real *o) {
    size_t j = 0;
    for (; j + 4 <= count; j += 4) {
        const real p0 = p[j], p1 = p[j + 1], p2 = p[j + 2], p3 = p[j + 3];
        const real *v0 = v + j * d, *v1 = v0 + d, *v2 = v1 + d, *v3 = v2 + d;
#pragma omp simd
        for (size_t c = 0; c < d; c++)
            o[c] += p0 * v0[c] + p1 * v1[c] + p2 * v2[c] + p3 * v3[c];
    }
    for (; j < count; j++)
#pragma omp simd
        for (size_t c = 0; c < d; c++)
            o[c] += p[j] * v[j * d + c];
}

/* `count` keys from `key` on. Rows that see none of them are left out at both ends. */
static void absorb_keys(struct flash_block *b, size_t key, size_t count, real *logits, real *o) {
    const size_t d = b->a->width;
    size_t begin = 0, end = b->rows;
    for (struct flash_span s; begin < end && (s = flash_block_part(b, begin, key, count), s.first == s.end);)
        begin++;
    for (struct flash_span s; begin < end && (s = flash_block_part(b, end - 1, key, count), s.first == s.end);)
        end--;
    const size_t rows = end - begin;
    const real *q = b->q + begin * d, *k = b->k + key * d, *v = b->v + key * d;
    if (rows == 1)
        logits_of_one(q, k, d, count, b->a->scale, logits);
    else if (rows > 1)
        flash_block_logits(rows, count, d, b->a->scale, q, k, logits);
    for (size_t r = begin; r < end; r++)
        absorb_row(b, r, flash_block_part(b, r, key, count), count, logits + (r - begin) * count, o + r * d);
    if (rows == 1)
        add_values_of_one(logits, v, d, count, o + begin * d);
    else if (rows > 1)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)d, (int)count, 1, logits, (int)count, v,
                  (int)d, 1, o + begin * d, (int)d);
}

/* Keys of a whole block are taken from multiples of its size, so that causal blocks of queries end with them. */
static void block_run(struct flash_block *b, real *logits, real *o, real *lse) {
    const size_t d = b->a->width;
    memset(o, 0, b->rows * d * sizeof *o);
    for (size_t r = 0; r < b->rows; r++)
        b->top[r] = (real)-INFINITY, b->sum[r] = 0;
    for (size_t key = b->span.first; key < b->span.end;) {
        size_t next = (key / FLASH_COLUMNS + 1) * FLASH_COLUMNS;
        next = next < b->span.end ? next : b->span.end;
        absorb_keys(b, key, next - key, logits, o);
        key = next;
    }
    for (size_t r = 0; r < b->rows; r++) {
        if (b->sum[r] > 0)
            scale_row(o + r * d, d, 1 / b->sum[r]);
        lse[r] = b->top[r] + real_log(b->sum[r]);
    }
}

int flash_forward(const struct flash *a, real *o, real *lse, real *gauge_o, real *gauge_lse) {
    const size_t tq = a->queries, tk = a->keys, d = a->width;
    real *logits = malloc(FLASH_ROWS * FLASH_COLUMNS * sizeof *logits);
    int status = logits == NULL ? -1 : 0;
    for (size_t row = 0; status == 0 && row < a->heads * tq;) {
        const size_t head = row / tq, first = row % tq, rows = tq - first < FLASH_ROWS ? tq - first : FLASH_ROWS;
        struct flash_block b = {.a = a, .first = first, .rows = rows};
        b.q = a->q + row * d;
        b.k = a->k + head * tk * d;
        b.v = a->v + head * tk * d;
        b.span = (struct flash_span){flash_visible(a, first).first, flash_visible(a, first + rows - 1).end};
        block_run(&b, logits, o + row * d, lse + row);
        if (gauge_o != NULL || gauge_lse != NULL)
            status = flash_block_gauge(&b, o + row * d, lse + row, gauge_o != NULL ? gauge_o + row * d : NULL,
                                       gauge_lse != NULL ? gauge_lse + row : NULL);
        row += rows;
    }
    free(logits);
    return status;
}
