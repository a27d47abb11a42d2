/* SPDX-License-Identifier: MIT */
/* The two rules that need no nearness: a least value, and outputs that only measures judge. */
#include <math.h>
#include <string.h>

#include "grader/compare_block.h"

/* The share of the way from the oracle down to the limit, held to its side of 1 whatever rounding makes of it. */
void compare_fill_at_least(const struct compare_plan *plan, struct compare_block *block) {
    for (size_t i = 0; i < block->count; i++) {
        const double got = block->got[i], room = fabs(block->expected[i] - plan->limit);
        const double lost = room > 0 ? 1 - (got - plan->limit) / room : 1;

        if (got >= plan->limit)
            block->ratio[i] = fmin(fmax(lost, 0), 1);
        else
            block->ratio[i] = room > 0 ? fmax(lost, nextafter(1, 2)) : INFINITY;
    }
}

static bool holds_poison(const struct compare_plan *plan, int64_t flat, size_t bytes) {
    const unsigned char *got = plan->tensor->got, *poison = plan->tensor->poison;

    return memcmp(got + (size_t)flat * bytes, poison + (size_t)flat * bytes, bytes) == 0;
}

/* The length, in elements, of the stretch around `flat` that still holds what the buffer held before the call. */
static int64_t poison_run(const struct compare_plan *plan, int64_t flat, int64_t enough) {
    const size_t bytes = dtype_info(plan->tensor->type)->bytes;
    const int64_t low = flat - enough, high = flat + enough;
    int64_t from = flat, to = flat;

    while (from >= 0 && from > low && holds_poison(plan, from, bytes))
        from--;
    while (to < plan->count && to < high && holds_poison(plan, to, bytes))
        to++;
    return to > from ? to - from - 1 : 0;
}

/* Poison of float32 and float64 is a NaN; that of other types is bytes that an answer may well have, so one element
 * alone proves nothing. */
static bool is_untouched(const struct compare_plan *plan, int64_t flat) {
    const int64_t enough = (int64_t)(sizeof(uint64_t) / dtype_info(plan->tensor->type)->bytes);

    return plan->tensor->poison != NULL && poison_run(plan, flat, enough) >= enough;
}

/* Nothing to be measured against: an element is a number, or it is wrong. */
void compare_fill_judged(const struct compare_plan *plan, struct compare_block *block) {
    memset(block->error, 0, sizeof block->error);
    memset(block->ulp, 0, sizeof block->ulp);
    memset(block->ratio, 0, sizeof block->ratio);
    memset(block->expected, 0, sizeof block->expected);
    for (size_t i = 0; i < block->count; i++) {
        const bool finite = isfinite(block->got[i]) != 0;
        const int64_t flat = block->first + (int64_t)i;

        if (is_untouched(plan, flat) || (!finite && compare_is_unwritten(plan, flat))) {
            block->mark[i] = COMPARE_UNWRITTEN;
            block->unwritten++;
        } else if (!finite) {
            block->mark[i] = COMPARE_NOT_FINITE;
            block->not_finite++;
        } else {
            continue;
        }
        block->error[i] = block->ulp[i] = block->ratio[i] = INFINITY;
    }
}
