/* SPDX-License-Identifier: MIT */
/* The second opinion on a mixture of experts: each step as its formula says it, token by token, without BLAS, with
 * libm's exp and choices by searching for the largest logit that is left. */
#include <stdlib.h>
#include <string.h>

#include "reference/gate.h"
#include "reference/moe.h"

static void plain_logits(const struct moe *moe, size_t token, real *logits) {
    for (size_t i = 0; i < moe->experts; i++) {
        logits[i] = 0;
        for (size_t j = 0; j < moe->width; j++)
            logits[i] += moe->x[token * moe->width + j] * moe->wr[j * moe->experts + i];
    }
}

static void plain_softmax(size_t n, const real *logits, real *p) {
    real max = n > 0 ? logits[0] : 0, sum = 0;
    for (size_t i = 1; i < n; i++)
        max = logits[i] > max ? logits[i] : max;
    for (size_t i = 0; i < n; i++)
        sum += p[i] = real_exp(logits[i] - max);
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

/* The largest that is not taken yet, the first one among equals. */
static size_t plain_best(size_t n, const real *logits, const bool *taken) {
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if (!taken[i] && (best == n || logits[i] > logits[best]))
            best = i;
    return best;
}

/* How many choices in front of this one want the same expert. */
static size_t plain_queue(const int32_t *expert, size_t choice) {
    size_t before = 0;
    for (size_t c = 0; c < choice; c++)
        before += expert[c] == expert[choice];
    return before;
}

static void plain_choose(const struct moe *moe, size_t token, const real *logits, const real *p, bool *taken,
                         struct moe_routing *out) {
    const size_t at = token * moe->chosen;
    real sum = 0;
    memset(taken, 0, moe->experts * sizeof *taken);
    for (size_t j = 0; j < moe->chosen; j++) {
        const size_t best = plain_best(moe->experts, logits, taken);
        taken[best] = true;
        out->expert[at + j] = (int32_t)best;
        out->gate[at + j] = p[best];
        sum += p[best];
        const size_t place = plain_queue(out->expert, at + j);
        out->slot[at + j] = place < moe->capacity ? (int32_t)place : -1;
    }
    for (size_t j = 0; moe->renormalise && j < moe->chosen; j++)
        out->gate[at + j] /= sum;
}

static void plain_expert(const struct moe *moe, size_t expert, const real *x, real gate, real *h, real *y) {
    const size_t d = moe->width, f = moe->hidden;
    const real *w1 = moe->w1 + expert * d * f, *w2 = moe->w2 + expert * d * f;
    memset(h, 0, (f + d) * sizeof *h);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < f; j++)
            h[j] += x[i] * w1[i * f + j];
    gate_both_plain(GATE_SILU, f, h, h, NULL);
    for (size_t j = 0; j < f; j++)
        for (size_t i = 0; i < d; i++)
            h[f + i] += h[j] * w2[j * d + i];
    for (size_t i = 0; i < d; i++)
        y[i] += gate * h[f + i];
}

/* sum over tokens of p_i and of being the first choice, then their products. */
static real plain_aux(const struct moe *moe, const real *mean, const size_t *first) {
    const real n = (real)moe->tokens;
    real aux = 0;
    for (size_t i = 0; moe->tokens > 0 && i < moe->experts; i++)
        aux += (real)first[i] / n * (mean[i] / n);
    return (real)moe->experts * aux;
}

static void plain_token(const struct moe *moe, size_t token, real *space, size_t *first, bool *taken,
                        struct moe_routing *out, real *y) {
    const size_t d = moe->width, e = moe->experts, k = moe->chosen;
    real *logits = space, *p = logits + e, *mean = p + e, *h = mean + e;
    plain_logits(moe, token, logits);
    plain_softmax(e, logits, p);
    memset(taken, 0, e * sizeof *taken);
    if (e > 0)
        first[plain_best(e, logits, taken)]++;
    for (size_t i = 0; i < e; i++)
        mean[i] += p[i];
    plain_choose(moe, token, logits, p, taken, out);
    for (size_t c = token * k; c < (token + 1) * k; c++)
        if (out->slot[c] >= 0)
            plain_expert(moe, (size_t)out->expert[c], moe->x + token * d, out->gate[c], h, y + token * d);
}

int moe_plain(const struct moe *moe, struct moe_routing *out, real *y) {
    const size_t d = moe->width, e = moe->experts;
    real *space = calloc(3 * e + moe->hidden + d + 1, sizeof *space);
    size_t *first = calloc(e + 1, sizeof *first);
    bool *taken = calloc(e + 1, sizeof *taken);
    const int status = space != NULL && first != NULL && taken != NULL ? 0 : -1;
    for (size_t i = 0; i < moe->tokens * d; i++)
        y[i] = 0;
    for (size_t token = 0; status == 0 && token < moe->tokens; token++)
        plain_token(moe, token, space, first, taken, out, y);
    out->aux[0] = status == 0 ? plain_aux(moe, space + 2 * e, first) : 0;
    free(taken);
    free(first);
    free(space);
    return status;
}
