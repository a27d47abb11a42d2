/* SPDX-License-Identifier: MIT */
/* The router: one matrix product, then decisions, probabilities and places, one pass over the tokens. */
#include <stdlib.h>
#include <string.h>

#include "reference/exp.h"
#include "reference/linear.h"
#include "reference/moe.h"

/* Insertion into a short list. A logit goes behind its equals, and experts come in the order of their index. */
void moe_choose(const real *logits, size_t experts, size_t count, int32_t *choice) {
    size_t held = 0;
    for (size_t i = 0; i < experts && count > 0; i++) {
        if (held == count && !(logits[i] > logits[choice[count - 1]]))
            continue;
        size_t place = held < count ? held++ : count - 1;
        for (; place > 0 && logits[i] > logits[choice[place - 1]]; place--)
            choice[place] = choice[place - 1];
        choice[place] = (int32_t)i;
    }
}

/* Space for one pass: counts are of choices, with or without a slot. */
struct desk {
    real *logits, *numerator, *share; /* [n][e], [e], [e]: share is the sum of p over the tokens */
    size_t *queue, *first;            /* [e]: choices so far, tokens that choose the expert first */
};

static int desk_open(const struct moe *moe, struct desk *desk) {
    const size_t e = moe->experts;
    desk->logits = malloc((moe->tokens * e + 1) * sizeof *desk->logits);
    desk->numerator = calloc(2 * e + 1, sizeof *desk->numerator);
    desk->queue = calloc(2 * e + 1, sizeof *desk->queue);
    desk->share = desk->numerator != NULL ? desk->numerator + e : NULL;
    desk->first = desk->queue != NULL ? desk->queue + e : NULL;
    return desk->logits != NULL && desk->numerator != NULL && desk->queue != NULL ? 0 : -1;
}

static void desk_close(struct desk *desk) {
    free(desk->logits);
    free(desk->numerator);
    free(desk->queue);
}

static void set_gates(const struct moe *moe, const real *numerator, real sum, const int32_t *choice, real *gate) {
    if (moe->renormalise) {
        sum = 0;
        for (size_t j = 0; j < moe->chosen; j++)
            sum += numerator[choice[j]];
    }
    for (size_t j = 0; j < moe->chosen; j++)
        gate[j] = numerator[choice[j]] / sum;
}

static void route_token(const struct moe *moe, struct desk *desk, size_t token, struct moe_routing *out) {
    const size_t e = moe->experts, k = moe->chosen, at = token * k;
    const real *logits = desk->logits + token * e;
    int32_t best = 0;
    moe_choose(logits, e, k, out->expert + at);
    if (k == 0)
        moe_choose(logits, e, 1, &best);
    else
        best = out->expert[at];
    desk->first[best]++;
    const real sum = exp_shift(logits, e, 1, logits[best], desk->numerator), inverse = 1 / sum;
    for (size_t i = 0; i < e; i++)
        desk->share[i] += desk->numerator[i] * inverse;
    set_gates(moe, desk->numerator, sum, out->expert + at, out->gate + at);
    for (size_t j = 0; j < k; j++) {
        const size_t place = desk->queue[out->expert[at + j]]++;
        out->slot[at + j] = place < moe->capacity ? (int32_t)place : -1;
    }
}

int moe_route(const struct moe *moe, struct moe_routing *out) {
    const size_t n = moe->tokens, e = moe->experts;
    const struct linear_shape router = {.rows = n, .in = moe->width, .out = e};
    struct desk desk;
    int status = desk_open(moe, &desk);
    out->aux[0] = 0;
    if (status == 0 && n > 0 && e > 0) {
        linear_forward(&router, moe->x, moe->wr, NULL, desk.logits);
        for (size_t token = 0; token < n; token++)
            route_token(moe, &desk, token, out);
        real sum = 0;
        for (size_t i = 0; i < e; i++)
            sum += (real)desk.first[i] * desk.share[i];
        out->aux[0] = sum * ((real)e / ((real)n * (real)n));
    }
    desk_close(&desk);
    return status;
}

size_t *moe_place(const struct moe *moe, const struct moe_routing *routing, size_t *first) {
    const size_t e = moe->experts, choices = moe->tokens * moe->chosen;
    size_t *order = malloc((choices + 1) * sizeof *order);
    if (order == NULL)
        return NULL;
    memset(first, 0, (e + 1) * sizeof *first);
    for (size_t c = 0; c < choices; c++)
        if (routing->slot[c] >= 0)
            first[routing->expert[c] + 1]++;
    for (size_t i = 0; i < e; i++)
        first[i + 1] += first[i];
    for (size_t c = 0; c < choices; c++)
        if (routing->slot[c] >= 0)
            order[first[routing->expert[c]] + (size_t)routing->slot[c]] = c;
    return order;
}
