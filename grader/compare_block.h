/* SPDX-License-Identifier: MIT */
/* Inside [compare]: the per-element arithmetic, a block at a time. Every element of every output of every timed call
 * goes through here, so the plain case (everything finite, nothing left unwritten) is a handful of loops of a fixed
 * length without calls; elements that need thought are repaired one by one afterwards. */
#ifndef GRADER_COMPARE_BLOCK_H
#define GRADER_COMPARE_BLOCK_H

#include "grader/compare.h"

enum { COMPARE_BLOCK = 256 };

enum compare_mark { COMPARE_PLAIN, COMPARE_NOT_FINITE, COMPARE_UNWRITTEN };

/* What a block needs to know of its tensor, fixed for a whole comparison. */
struct compare_plan {
    const struct compare_tensor *tensor;
    enum spec_rule rule; /* integers are compared exactly whatever the spec says */
    int64_t count;
    double unit;     /* relative error of one rounding */
    double floor;    /* absolute error that is always one unit: s times the smallest subnormal */
    double limit;    /* at_least: the least value */
    double tiny;     /* smallest normal number */
    double slack;    /* forgiven where the oracle is below `tiny`: 0 if strict */
    double overflow; /* an oracle of this size or beyond rounds to infinity */
    double own;      /* forgiven share of the oracle's power of two: the output's own last rounding (bf16), else 0 */
};

/* `count` elements from `first` on. Past `count` the arrays hold zeros, so loops may run to COMPARE_BLOCK. */
struct compare_block {
    int64_t first;
    size_t count;
    double got[COMPARE_BLOCK];
    double expected[COMPARE_BLOCK]; /* 0 where the oracle is not finite: for norms only */
    double error[COMPARE_BLOCK];    /* |got - expected|, INFINITY for a mismatch that has no size */
    double ulp[COMPARE_BLOCK];
    double ratio[COMPARE_BLOCK];       /* in units of the rule; frobenius: the error beyond the denormal slack */
    unsigned char mark[COMPARE_BLOCK]; /* enum compare_mark */
    int64_t not_finite, unwritten, flushed, both_nan;
};

void compare_plan_init(struct compare_plan *plan, const struct compare_tensor *tensor, const struct compare_rule *rule);

/* Loads the block at `first` (a multiple of COMPARE_BLOCK below plan->count) and fills everything in it. */
void compare_block_fill(const struct compare_plan *plan, int64_t first, struct compare_block *block);

/* compare_judged.c: block->ratio under the rule at_least; everything but what was loaded under the rule judged. */
void compare_fill_at_least(const struct compare_plan *plan, struct compare_block *block);
void compare_fill_judged(const struct compare_plan *plan, struct compare_block *block);

/* Element `flat` still holds what the buffer held before the call, and that is not by chance the right answer. */
bool compare_is_unwritten(const struct compare_plan *plan, int64_t flat);

/* The oracle's value of an element as a double. */
double compare_expected(const struct compare_plan *plan, int64_t flat);

/* An element fails when its ratio times this exceeds the bound: 1, but for the Frobenius rule (one more pass) what
 * turns an error into a share of the typical size of an element. */
double compare_weight(const struct compare_plan *plan);

#endif
