/* SPDX-License-Identifier: MIT */
/* The transformer block and the GPT written straight from their definitions, token by token, in complex long double:
 * the real part is the truth for the forward pass, and one evaluation with a step of 1e-30 along the imaginary axis is
 * the derivative in that direction, exact to rounding because nothing is subtracted. Shares no code with reference/. */
#ifndef TESTS_REFERENCE_GPT_NAIVE_H
#define TESTS_REFERENCE_GPT_NAIVE_H

#include <check.h>
#include <complex.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef long double complex number;

/* `at` with a step of 1e-30*direction along the imaginary axis, and what a step makes of a function's value. */
static inline number stepped(double at, double direction) {
    return CMPLXL((long double)at, 1e-30L * (long double)direction);
}

static inline double derivative_of(number value) {
    return (double)(cimagl(value) / 1e-30L);
}

/* Zeroed; at least one element. */
static inline number *numbers(size_t n) {
    number *x = calloc(n + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static inline void naive_norm(size_t d, double eps, const number *x, const number *gain, const number *bias,
                              number *y) {
    number mean = 0, variance = 0;
    for (size_t c = 0; c < d; c++)
        mean += x[c] / (long double)d;
    for (size_t c = 0; c < d; c++)
        variance += (x[c] - mean) * (x[c] - mean) / (long double)d;
    for (size_t c = 0; c < d; c++)
        y[c] = gain[c] * (x[c] - mean) / csqrtl(variance + eps) + bias[c];
}

/* y += x W + b for one row. */
static inline void naive_linear(size_t in, size_t out, const number *x, const number *w, const number *b, number *y) {
    for (size_t j = 0; j < out; j++) {
        y[j] += b[j];
        for (size_t i = 0; i < in; i++)
            y[j] += x[i] * w[i * out + j];
    }
}

/* The head's output for query i; qkv holds a sequence, with the head's column already added. */
static inline void naive_query(size_t d, size_t each, size_t i, const number *qkv, number *out) {
    number *p = numbers(i + 1), sum = 0;
    long double top = -HUGE_VALL;
    for (size_t j = 0; j <= i; j++) {
        for (size_t c = 0; c < each; c++)
            p[j] += qkv[i * 3 * d + c] * qkv[j * 3 * d + d + c] / sqrtl((long double)each);
        top = creall(p[j]) > top ? creall(p[j]) : top;
    }
    for (size_t j = 0; j <= i; j++)
        sum += cexpl(p[j] - top);
    for (size_t c = 0; c < each; c++)
        out[c] = 0;
    for (size_t j = 0; j <= i; j++)
        for (size_t c = 0; c < each; c++)
            out[c] += cexpl(p[j] - top) / sum * qkv[j * 3 * d + 2 * d + c];
    free(p);
}

static inline number naive_gelu(number x) {
    return x * (1 + ctanhl(sqrtl(2 / 3.14159265358979323846264338327950288L) * (x + 0.044715L * x * x * x))) / 2.0L;
}

/* The twelve tensors of a block in their order, cut off the front of `flat`. */
struct naive_weights {
    const number *ln1_gain, *ln1_bias, *qkv_w, *qkv_b, *proj_w, *proj_b;
    const number *ln2_gain, *ln2_bias, *fc_w, *fc_b, *out_w, *out_b, *end;
};

static inline struct naive_weights naive_weights(size_t d, size_t f, const number *flat) {
    struct naive_weights w = {.ln1_gain = flat, .ln1_bias = flat + d, .qkv_w = flat + 2 * d};
    w.qkv_b = w.qkv_w + 3 * d * d;
    w.proj_w = w.qkv_b + 3 * d;
    w.proj_b = w.proj_w + d * d;
    w.ln2_gain = w.proj_b + d;
    w.ln2_bias = w.ln2_gain + d;
    w.fc_w = w.ln2_bias + d;
    w.fc_b = w.fc_w + d * f;
    w.out_w = w.fc_b + f;
    w.out_b = w.out_w + f * d;
    w.end = w.out_b + d;
    return w;
}

/* x[t][d] of one sequence, in place. */
static inline void naive_block(size_t t, size_t d, size_t h, size_t f, double eps, const number *flat, number *x) {
    struct naive_weights w = naive_weights(d, f, flat);
    number *row = numbers(d), *qkv = numbers(t * 3 * d), *fc = numbers(f);
    for (size_t i = 0; i < t; i++) {
        naive_norm(d, eps, x + i * d, w.ln1_gain, w.ln1_bias, row);
        naive_linear(d, 3 * d, row, w.qkv_w, w.qkv_b, qkv + i * 3 * d);
    }
    for (size_t i = 0; i < t; i++) {
        for (size_t head = 0; head < h; head++)
            naive_query(d, d / h, i, qkv + head * (d / h), row + head * (d / h));
        naive_linear(d, d, row, w.proj_w, w.proj_b, x + i * d);
        naive_norm(d, eps, x + i * d, w.ln2_gain, w.ln2_bias, row);
        for (size_t j = 0; j < f; j++)
            fc[j] = 0;
        naive_linear(d, f, row, w.fc_w, w.fc_b, fc);
        for (size_t j = 0; j < f; j++)
            fc[j] = naive_gelu(fc[j]);
        naive_linear(f, d, fc, w.out_w, w.out_b, x + i * d);
    }
    free(row), free(qkv), free(fc);
}

struct naive_gpt {
    size_t vocab, time, width, layers, heads, hidden;
    int tied;
};

/* logits[t][vocab] of one sequence of t <= time tokens. */
static inline void naive_logits(const struct naive_gpt *g, const number *params, size_t t, const int32_t *tokens,
                                number *logits) {
    size_t d = g->width;
    const number *at = params + (g->vocab + g->time) * d;
    number *x = numbers(t * d), *row = numbers(d);
    for (size_t i = 0; i < t * d; i++)
        x[i] = params[(size_t)tokens[i / d] * d + i % d] + params[g->vocab * d + i];
    for (size_t layer = 0; layer < g->layers; layer++) {
        naive_block(t, d, g->heads, g->hidden, (double)1e-5f, at, x);
        at = naive_weights(d, g->hidden, at).end;
    }
    const number *head = g->tied ? params : at + 2 * d;
    for (size_t i = 0; i < t; i++) {
        naive_norm(d, (double)1e-5f, x + i * d, at, at + d, row);
        for (size_t v = 0; v < g->vocab; v++) {
            logits[i * g->vocab + v] = 0;
            for (size_t c = 0; c < d; c++)
                logits[i * g->vocab + v] += row[c] * head[v * d + c];
        }
    }
    free(x), free(row);
}

/* Mean over `sequences` of t tokens each. */
static inline number naive_loss(const struct naive_gpt *g, const number *params, size_t sequences, size_t t,
                                const int32_t *x, const int32_t *y) {
    number *logits = numbers(t * g->vocab), loss = 0;
    for (size_t r = 0; r < sequences * t; r++) {
        if (r % t == 0)
            naive_logits(g, params, t, x + r, logits);
        number *row = logits + r % t * g->vocab, sum = 0;
        for (size_t v = 0; v < g->vocab; v++)
            sum += cexpl(row[v]);
        loss += (clogl(sum) - row[y[r]]) / (long double)(sequences * t);
    }
    free(logits);
    return loss;
}

#endif
