/* SPDX-License-Identifier: MIT */
/* Inputs whose decisions survive rounding. It runs in float64 on numbers of float32, and turning changes places and
 * signs only, so what comes out are numbers of float32 again. */
#include <stdlib.h>
#include <string.h>

#include "reference/moe.h"

static void row_logits(const struct moe *moe, const real *x, real *logit, real *a) {
    const size_t e = moe->experts;
    memset(logit, 0, 2 * e * sizeof *logit);
    for (size_t j = 0; j < moe->width; j++)
        for (size_t i = 0; i < e; i++) {
            const real term = x[j] * moe->wr[j * e + i];
            logit[i] += term;
            a[i] += real_fabs(term);
        }
}

static bool is_zero(const real *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0)
            return false;
    return true;
}

/* The order counts among the chosen and against the first that is not; without a choice, aux still asks for the
 * largest. */
static size_t ordered(const struct moe *moe) {
    const size_t least = moe->chosen > 1 ? moe->chosen : 1;
    return least < moe->experts ? least + 1 : moe->experts;
}

static bool is_clear(const struct moe *moe, const real *logit, const real *a, const int32_t *order) {
    const real unit = (real)0x1p-24 * MOE_CLEAR_GAP;
    for (size_t m = 0; m + 1 < ordered(moe); m++) {
        const int32_t high = order[m], low = order[m + 1];
        if (!(logit[high] - logit[low] >= unit * (a[high] > a[low] ? a[high] : a[low])))
            return false;
    }
    return true;
}

static bool is_new(const struct moe *moe, const int32_t *order, const bool *used) {
    for (size_t j = 0; j < moe->chosen; j++)
        if (used[order[j]])
            return false;
    return true;
}

static void turn(real *x, size_t n) {
    const real last = x[n - 1];
    memmove(x + 1, x, (n - 1) * sizeof *x);
    x[0] = -last;
}

/* After 2n turns a token would be what it was. */
static int turn_token(const struct moe *moe, bool *used, real *x, real *logit, int32_t *order) {
    const size_t d = moe->width, e = moe->experts;
    if (used == NULL && is_zero(x, d))
        return 0;
    for (size_t tries = 0; tries < 2 * d; tries++) {
        row_logits(moe, x, logit, logit + e);
        moe_choose(logit, e, ordered(moe), order);
        if (is_clear(moe, logit, logit + e, order) && (used == NULL || is_new(moe, order, used))) {
            for (size_t j = 0; used != NULL && j < moe->chosen; j++)
                used[order[j]] = true;
            return 0;
        }
        turn(x, d);
    }
    return -1;
}

int moe_turn_near_ties(const struct moe *moe, bool spread, real *x) {
    const size_t e = moe->experts;
    real *logit = malloc((2 * e + 1) * sizeof *logit);
    int32_t *order = malloc((e + 1) * sizeof *order);
    bool *used = calloc(e + 1, sizeof *used);
    int status = logit != NULL && order != NULL && used != NULL ? 0 : -1;
    for (size_t token = 0; status == 0 && e > 0 && token < moe->tokens; token++)
        status = turn_token(moe, spread ? used : NULL, x + token * moe->width, logit, order);
    free(used);
    free(order);
    free(logit);
    return status;
}
