/* SPDX-License-Identifier: MIT */
/* Attention as the textbook has it: for each query the logits, their maximum, the exponentials, the weighted mean.
 *
 * It is the second member of the float32 ensemble that says how much rounding is normal, so its sums must run in the
 * order of the index. It also has to finish at t = 2048. Both hold when several keys are worked on side by side: each
 * has its own sum, in order, and the processor overlaps them. */
#include "reference/attention.h"

#include <stdlib.h>

enum { SIDE_BY_SIDE = 8 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static void plain_logits(const real *q, const real *k, size_t d, size_t keys, real scale, real *logit) {
    size_t j = 0;
    for (; j + SIDE_BY_SIDE <= keys; j += SIDE_BY_SIDE) {
        real sum[SIDE_BY_SIDE] = {0};
        for (size_t c = 0; c < d; c++)
            for (size_t i = 0; i < SIDE_BY_SIDE; i++)
                sum[i] += q[c] * k[(j + i) * d + c];
        for (size_t i = 0; i < SIDE_BY_SIDE; i++)
            logit[j + i] = scale * sum[i];
    }
    for (; j < keys; j++) {
        real sum = 0;
        for (size_t c = 0; c < d; c++)
            sum += q[c] * k[j * d + c];
        logit[j] = scale * sum;
    }
}

static void plain_query(const real *q, const real *k, const real *v, size_t d, size_t keys, real scale, real *weight,
                        real *o) {
    for (size_t c = 0; c < d; c++)
        o[c] = 0;
    if (keys == 0)
        return;
    plain_logits(q, k, d, keys, scale, weight);
    real top = weight[0], sum = 0;
    for (size_t j = 1; j < keys; j++)
        top = weight[j] > top ? weight[j] : top;
    for (size_t j = 0; j < keys; j++) {
        weight[j] = real_exp(weight[j] - top);
        sum += weight[j];
    }
    for (size_t j = 0; j < keys; j++)
        for (size_t c = 0; c < d; c++)
            o[c] += weight[j] / sum * v[j * d + c];
}

int attention_plain(const struct attention *a, real *o) {
    size_t t = a->tokens, d = a->width;
    if (a->batches == 0 || a->heads == 0 || t == 0 || d == 0)
        return 0;
    real *weight = malloc(t * sizeof *weight);
    if (!weight)
        return -1;
    for (size_t row = 0; row < a->batches * a->heads * t; row++) {
        size_t query = row % t, batch = row / t / a->heads, head = (row - query) * d, keys = t;
        if (a->kv_len)
            keys = a->kv_len[batch] > 0 ? smaller(keys, (size_t)a->kv_len[batch]) : 0;
        if (a->causal)
            keys = smaller(keys, query + 1);
        plain_query(a->q + row * d, a->k + head, a->v + head, d, keys, a->scale, weight, o + row * d);
    }
    free(weight);
    return 0;
}
