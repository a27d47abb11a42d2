/* SPDX-License-Identifier: MIT */
/* Attention of a block by stripes of queries, with OpenBLAS for all six products. A head is a submatrix of the combined
 * array, which a leading dimension of 3d expresses, so nothing is copied. */
#include "reference/block_attention.h"

#include <string.h>

#include "reference/softmax.h"

/* One head of one sequence, queries first .. first+rows-1, keys 0 .. first+rows-1. Pointers are at its first token. */
struct stripe {
    size_t first, rows, keys;
    int tokens, width, head; /* t, d, d/h as BLAS takes them */
    real scale;
    const real *q, *k, *v; /* rows are 3d apart */
};

static struct stripe head_at(const struct block_shape *s, const real *qkv, size_t batch, size_t head) {
    size_t d = s->width, each = d / s->heads;
    const real *q = qkv + batch * s->tokens * 3 * d + head * each;
    return (struct stripe){.tokens = (int)s->tokens,
                           .width = (int)d,
                           .head = (int)each,
                           .scale = 1 / real_sqrt((real)each),
                           .q = q,
                           .k = q + d,
                           .v = q + 2 * d};
}

static void stripe_at(struct stripe *s, size_t first) {
    size_t left = (size_t)s->tokens - first;
    s->first = first;
    s->rows = left < BLOCK_STRIPE ? left : BLOCK_STRIPE;
    s->keys = first + s->rows;
}

/* weights and mixed are at the head's first row. */
static void stripe_forward(const struct stripe *s, real *weights, real *mixed) {
    int rows = (int)s->rows, keys = (int)s->keys, wide = 3 * s->width;
    real *p = weights + s->first * (size_t)s->tokens;
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, keys, s->head, s->scale, s->q + s->first * (size_t)wide,
              wide, s->k, wide, 0, p, s->tokens);
    for (size_t r = 0; r < s->rows; r++) {
        real *row = p + r * (size_t)s->tokens;
        real factor = 1 / softmax_numerators(row, s->keys, s->first + r + 1).sum;
        for (size_t j = 0; j < s->first + r + 1; j++)
            row[j] *= factor;
    }
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, s->head, keys, 1, p, s->tokens, s->v, wide, 0,
              mixed + s->first * (size_t)s->width, s->width);
}

void heads_forward(const struct block_shape *shape, const real *qkv, real *weights, real *mixed) {
    size_t t = shape->tokens, d = shape->width;
    for (size_t b = 0; b < shape->batches && d > 0; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct stripe s = head_at(shape, qkv, b, h);
            for (size_t first = 0; first < t; first += s.rows) {
                stripe_at(&s, first);
                stripe_forward(&s, weights + (b * shape->heads + h) * t * t, mixed + b * t * d + h * (size_t)s.head);
            }
        }
}

/* ds_ij = p_ij (dp_ij - sum_j p_ij dp_ij), in place of dp. Beyond the diagonal both factors are finite and p is 0. */
static void softmax_gradient(const struct stripe *s, const real *p, real *dp) {
    for (size_t r = 0; r < s->rows; r++) {
        const real *weight = p + r * (size_t)s->tokens;
        real *row = dp + r * (size_t)s->tokens, mean = 0;
#pragma omp simd reduction(+ : mean)
        for (size_t j = 0; j < s->keys; j++)
            mean += weight[j] * row[j];
#pragma omp simd
        for (size_t j = 0; j < s->keys; j++)
            row[j] = weight[j] * (row[j] - mean);
    }
}

/* The gradients of k and v sum over the stripes. d_q is at the head's first token, its k and v thirds follow. */
static void stripe_backward(const struct stripe *s, const real *weights, const real *d_mixed, real *dp, real *d_q) {
    int rows = (int)s->rows, keys = (int)s->keys, t = s->tokens, d = s->width, wide = 3 * d;
    const real *p = weights + s->first * (size_t)t, *dy = d_mixed + s->first * (size_t)d;
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, keys, s->head, rows, 1, p, t, dy, d, 1, d_q + 2 * d, wide);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, keys, s->head, 1, dy, d, s->v, wide, 0, dp, t);
    softmax_gradient(s, p, dp);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, s->head, keys, s->scale, dp, t, s->k, wide, 0,
              d_q + s->first * (size_t)wide, wide);
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, keys, s->head, rows, s->scale, dp, t,
              s->q + s->first * (size_t)wide, wide, 1, d_q + d, wide);
}

void heads_backward(const struct block_shape *shape, const real *qkv, const real *weights, const real *d_mixed,
                    real *stripe, real *d_qkv) {
    size_t t = shape->tokens, d = shape->width;
    memset(d_qkv, 0, shape->batches * t * 3 * d * sizeof *d_qkv);
    for (size_t b = 0; b < shape->batches && d > 0; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct stripe s = head_at(shape, qkv, b, h);
            size_t column = h * (size_t)s.head;
            for (size_t first = 0; first < t; first += s.rows) {
                stripe_at(&s, first);
                stripe_backward(&s, weights + (b * shape->heads + h) * t * t, d_mixed + b * t * d + column, stripe,
                                d_qkv + b * t * 3 * d + column);
            }
        }
}
