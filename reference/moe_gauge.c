/* SPDX-License-Identifier: MIT */
/* What rounding costs in a mixture of experts; the formulas are in the header. Decisions lose nothing: they are right
 * or wrong. */
#include <stdlib.h>
#include <string.h>

#include "reference/gate.h"
#include "reference/moe.h"

enum { ROWS = 384 };

/* The logits of a token, their gauges a = sum |x||wr|, and what both make of the probabilities. */
struct odds {
    real *logit, *a, *p, *gauge; /* [e] each */
};

static void token_logits(const struct moe *moe, size_t token, const struct odds *odds) {
    const size_t d = moe->width, e = moe->experts;
    memset(odds->logit, 0, e * sizeof *odds->logit);
    memset(odds->a, 0, e * sizeof *odds->a);
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < e; i++) {
            const real term = moe->x[token * d + j] * moe->wr[j * e + i];
            odds->logit[i] += term;
            odds->a[i] += real_fabs(term);
        }
}

/* What flushing to zero near 2^-126 may cost: in an exponential, not only in a result. */
static const real flushed = (real)0x1p-102;

/* p and its gauge over the experts member[0..count), whose largest logit is `max`. */
static void token_odds(const int32_t *member, size_t count, real max, const struct odds *odds) {
    real sum = 0, spread = 0;
    for (size_t m = 0; m < count; m++)
        sum += odds->p[member[m]] = real_exp(odds->logit[member[m]] - max);
    for (size_t m = 0; m < count; m++) {
        odds->p[member[m]] /= sum;
        spread += odds->p[member[m]] * (max - odds->logit[member[m]]);
    }
    for (size_t m = 0; m < count; m++) {
        const int32_t i = member[m];
        real others = 0, moved = 0; /* 1-p as a sum: it is what counts where p is nearly 1 */
        for (size_t j = 0; j < count; j++)
            if (j != m) {
                others += odds->p[member[j]];
                moved += odds->p[member[j]] * odds->a[member[j]];
            }
        odds->gauge[i] =
            odds->p[i] * (others * odds->a[i] + moved + spread + (max - odds->logit[i]) + real_fabs(max) + 2) + flushed;
    }
}

struct shares {       /* over the tokens */
    real *p, *square; /* [e]: sums of the probabilities and of their gauges' squares */
    size_t *first;    /* [e]: tokens that choose the expert first */
};

static void gauge_token(const struct moe *moe, const struct moe_routing *routing, size_t token, const int32_t *all,
                        const struct odds *odds, struct shares *shares, real *gauge_gate) {
    const size_t e = moe->experts, k = moe->chosen;
    const int32_t *choice = routing->expert + token * k;
    int32_t best = 0;
    token_logits(moe, token, odds);
    moe_choose(odds->logit, e, 1, &best);
    token_odds(all, e, odds->logit[best], odds);
    shares->first[best]++;
    for (size_t i = 0; i < e; i++) {
        shares->p[i] += odds->p[i];
        shares->square[i] += odds->gauge[i] * odds->gauge[i];
    }
    if (moe->renormalise && k > 0)
        token_odds(choice, k, odds->logit[choice[0]], odds);
    for (size_t j = 0; gauge_gate != NULL && j < k; j++)
        gauge_gate[token * k + j] = odds->gauge[choice[j]];
}

static real aux_gauge(const struct moe *moe, const struct shares *shares) {
    const real n = (real)moe->tokens;
    real gauge = 0;
    for (size_t i = 0; moe->tokens > 0 && i < moe->experts; i++)
        gauge += (real)shares->first[i] / n * (3 * shares->p[i] + real_sqrt(shares->square[i])) / n;
    return (real)moe->experts * gauge;
}

int moe_route_gauge(const struct moe *moe, const struct moe_routing *routing, real *gauge_gate, real *gauge_aux) {
    const size_t e = moe->experts;
    real *space = calloc(6 * e + 1, sizeof *space);
    int32_t *all = calloc(e + 1, sizeof *all);
    struct shares shares = {.first = calloc(e + 1, sizeof *shares.first)};
    const int status = space != NULL && all != NULL && shares.first != NULL ? 0 : -1;
    if (status == 0 && e > 0) {
        const struct odds odds = {.logit = space, .a = space + e, .p = space + 2 * e, .gauge = space + 3 * e};
        shares.p = space + 4 * e;
        shares.square = space + 5 * e;
        for (size_t i = 0; i < e; i++)
            all[i] = (int32_t)i;
        for (size_t token = 0; token < moe->tokens; token++)
            gauge_token(moe, routing, token, all, &odds, &shares, gauge_gate);
    }
    if (status == 0 && gauge_aux != NULL)
        *gauge_aux = aux_gauge(moe, &shares);
    free(shares.first);
    free(all);
    free(space);
    return status;
}

/* One block of an expert's tokens: the hidden values and the outputs with the sums that their gauges need. */
struct block {
    real *x, *z, *b, *h, *slope;    /* [ROWS][d], then [ROWS][f] */
    real *o, *linear, *independent; /* [ROWS][d] */
    real *weight;                   /* [d*f]: |w1|, |w2| or w2^2 */
};

static void magnitudes(size_t n, const real *from, real *to) {
    for (size_t i = 0; i < n; i++)
        to[i] = real_fabs(from[i]);
}

static void squares(size_t n, const real *from, real *to) {
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] * from[i];
}

static void gauge_hidden(const struct moe *moe, const real *w1, size_t rows, const struct block *block) {
    const size_t d = moe->width, f = moe->hidden;
    moe_product(rows, f, d, block->x, w1, block->z);
    magnitudes(rows * d, block->x, block->x);
    magnitudes(d * f, w1, block->weight);
    moe_product(rows, f, d, block->x, block->weight, block->b);
    gate_both(GATE_SILU, rows * f, block->z, block->h, block->slope);
    for (size_t i = 0; i < rows * f; i++) {
        real own, unused;
        gate_gauge(GATE_SILU, block->z[i], &own, &unused);
        block->b[i] = real_fabs(block->slope[i]) * block->b[i] + own;
    }
}

static void gauge_output(const struct moe *moe, const real *w2, size_t rows, const struct block *block) {
    const size_t d = moe->width, f = moe->hidden;
    moe_product(rows, d, f, block->h, w2, block->o);
    magnitudes(rows * f, block->h, block->h);
    magnitudes(d * f, w2, block->weight);
    moe_product(rows, d, f, block->h, block->weight, block->linear);
    squares(rows * f, block->b, block->b);
    squares(d * f, w2, block->weight);
    moe_product(rows, d, f, block->b, block->weight, block->independent);
}

static void gauge_block(const struct moe *moe, const struct moe_routing *routing, size_t expert, const size_t *choice,
                        size_t rows, const struct block *block, const real *gauge_gate, real *gauge_y) {
    const size_t d = moe->width, weights = expert * d * moe->hidden;
    for (size_t r = 0; r < rows; r++)
        memcpy(block->x + r * d, moe->x + choice[r] / moe->chosen * d, d * sizeof *block->x);
    gauge_hidden(moe, moe->w1 + weights, rows, block);
    gauge_output(moe, moe->w2 + weights, rows, block);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0, at = r * d; i < d; i++, at++) {
            const real o = real_fabs(block->o[at]);
            gauge_y[choice[r] / moe->chosen * d + i] +=
                gauge_gate[choice[r]] * o +
                routing->gate[choice[r]] * (block->linear[at] + real_sqrt(block->independent[at]) + o);
        }
}

static struct block block_in(const struct moe *moe, real *space) {
    const size_t rows_d = ROWS * moe->width, rows_f = ROWS * moe->hidden;
    real *hidden = space + 4 * rows_d;
    return (struct block){.x = space,
                          .o = space + rows_d,
                          .linear = space + 2 * rows_d,
                          .independent = space + 3 * rows_d,
                          .z = hidden,
                          .b = hidden + rows_f,
                          .h = hidden + 2 * rows_f,
                          .slope = hidden + 3 * rows_f,
                          .weight = hidden + 4 * rows_f};
}

int moe_combine_gauge(const struct moe *moe, const struct moe_routing *routing, const real *gauge_gate, real *gauge_y) {
    const size_t d = moe->width, f = moe->hidden, e = moe->experts;
    size_t *first = malloc((e + 1) * sizeof *first);
    size_t *choice = first != NULL ? moe_place(moe, routing, first) : NULL;
    real *space = malloc((4 * ROWS * (d + f) + d * f + 1) * sizeof *space);
    const int status = choice != NULL && space != NULL ? 0 : -1;
    const struct block block = block_in(moe, space);
    for (size_t i = 0; i < moe->tokens * d; i++)
        gauge_y[i] = 0;
    for (size_t i = 0; status == 0 && i < e; i++)
        for (size_t at = first[i]; at < first[i + 1]; at += ROWS) {
            const size_t left = first[i + 1] - at;
            gauge_block(moe, routing, i, choice + at, left < ROWS ? left : ROWS, &block, gauge_gate, gauge_y);
        }
    free(space);
    free(choice);
    free(first);
    return status;
}
