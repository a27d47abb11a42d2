/* SPDX-License-Identifier: MIT */
/* The same as the textbook has it: for each query the logits of the keys that it sees, their maximum, the exponentials,
 * the weighted mean. It is the second member of the float32 ensemble, so its sums run in the order of the index;
 * several keys side by side only let the processor overlap them. */
#include "reference/flash.h"

#include <stdlib.h>

enum { SIDE_BY_SIDE = 8 };

static void plain_logits(const real *q, const real *k, size_t d, size_t keys, real scale, real *logit) {
    for (size_t j = 0; j < keys; j += SIDE_BY_SIDE) {
        const size_t n = keys - j < SIDE_BY_SIDE ? keys - j : SIDE_BY_SIDE;
        real sum[SIDE_BY_SIDE] = {0};
        for (size_t c = 0; c < d; c++)
            for (size_t i = 0; i < n; i++)
                sum[i] += q[c] * k[(j + i) * d + c];
        for (size_t i = 0; i < n; i++)
            logit[j + i] = scale * sum[i];
    }
}

static real plain_query(const real *q, const real *k, const real *v, size_t d, size_t keys, real scale, real *weight,
                        real *o) {
    for (size_t c = 0; c < d; c++)
        o[c] = 0;
    if (keys == 0)
        return (real)-INFINITY;
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
    return top + real_log(sum);
}

int flash_plain(const struct flash *a, real *o, real *lse) {
    const size_t d = a->width;
    real *weight = malloc((a->keys + 1) * sizeof *weight);
    if (weight == NULL)
        return -1;
    for (size_t row = 0; row < a->heads * a->queries; row++) {
        const struct flash_span span = flash_visible(a, row % a->queries);
        const size_t at = (row / a->queries * a->keys + span.first) * d;
        lse[row] =
            plain_query(a->q + row * d, a->k + at, a->v + at, d, span.end - span.first, a->scale, weight, o + row * d);
    }
    free(weight);
    return 0;
}
