/* SPDX-License-Identifier: MIT */
/* Attention of a block one query at a time, each sum in the order of the index, with libm's exp: the second opinion. */
#include "reference/block_attention.h"

#include <string.h>

/* One head's columns in the arrays of one sequence. */
struct view {
    size_t wide, width, each;
    real scale;
    const real *q, *k, *v;
};

static struct view view_of(const struct block_shape *s, const real *qkv, size_t batch, size_t head) {
    size_t d = s->width, each = d / s->heads;
    const real *q = qkv + batch * s->tokens * 3 * d + head * each;
    return (struct view){.wide = 3 * d,
                         .width = d,
                         .each = each,
                         .scale = 1 / real_sqrt((real)each),
                         .q = q,
                         .k = q + d,
                         .v = q + 2 * d};
}

static void query_forward(const struct view *s, size_t i, real *p, real *mixed) {
    real top = -INFINITY, sum = 0;
    for (size_t j = 0; j <= i; j++) {
        real score = 0;
        for (size_t c = 0; c < s->each; c++)
            score += s->q[i * s->wide + c] * s->k[j * s->wide + c];
        p[j] = score * s->scale;
        top = p[j] > top ? p[j] : top;
    }
    for (size_t j = 0; j <= i; j++) {
        p[j] = real_exp(p[j] - top);
        sum += p[j];
    }
    for (size_t c = 0; c < s->each; c++)
        mixed[c] = 0;
    for (size_t j = 0; j <= i; j++) {
        p[j] /= sum;
        for (size_t c = 0; c < s->each; c++)
            mixed[c] += p[j] * s->v[j * s->wide + c];
    }
}

void heads_forward_plain(const struct block_shape *shape, const real *qkv, real *weights, real *mixed) {
    size_t t = shape->tokens, d = shape->width;
    for (size_t b = 0; b < shape->batches; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct view s = view_of(shape, qkv, b, h);
            real *p = weights + (b * shape->heads + h) * t * t;
            memset(p, 0, t * t * sizeof *p); /* the backward pass by stripes reads a little beyond the diagonal */
            for (size_t i = 0; i < t; i++)
                query_forward(&s, i, p + i * t, mixed + (b * t + i) * d + h * s.each);
        }
}

/* dp is a scratch for one row; d_q is at the head's first token, its k and v thirds follow. */
static void query_backward(const struct view *s, size_t i, const real *p, const real *dy, real *dp, real *d_q) {
    real *d_k = d_q + s->width, *d_v = d_q + 2 * s->width, mean = 0;
    for (size_t j = 0; j <= i; j++) {
        real sum = 0;
        for (size_t c = 0; c < s->each; c++)
            sum += dy[c] * s->v[j * s->wide + c];
        for (size_t c = 0; c < s->each; c++)
            d_v[j * s->wide + c] += p[j] * dy[c];
        dp[j] = sum;
        mean += p[j] * dp[j];
    }
    for (size_t j = 0; j <= i; j++) {
        real ds = p[j] * (dp[j] - mean) * s->scale;
        for (size_t c = 0; c < s->each; c++) {
            d_q[i * s->wide + c] += ds * s->k[j * s->wide + c];
            d_k[j * s->wide + c] += ds * s->q[i * s->wide + c];
        }
    }
}

void heads_backward_plain(const struct block_shape *shape, const real *qkv, const real *weights, const real *d_mixed,
                          real *stripe, real *d_qkv) {
    size_t t = shape->tokens, d = shape->width;
    memset(d_qkv, 0, shape->batches * t * 3 * d * sizeof *d_qkv);
    for (size_t b = 0; b < shape->batches; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct view s = view_of(shape, qkv, b, h);
            const real *p = weights + (b * shape->heads + h) * t * t;
            for (size_t i = 0; i < t; i++)
                query_backward(&s, i, p + i * t, d_mixed + (b * t + i) * d + h * s.each, stripe,
                               d_qkv + b * t * s.wide + h * s.each);
        }
}
