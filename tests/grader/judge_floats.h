/* SPDX-License-Identifier: MIT */
/* What the tests of [compare] share. */
#ifndef TESTS_GRADER_JUDGE_FLOATS_H
#define TESTS_GRADER_JUDGE_FLOATS_H

#include <check.h>
#include <math.h>
#include <stdint.h>

#include "grader/compare.h"

static const struct compare_rule gauge_rule = {.rule = SPEC_RULE_GAUGE, .reduction = 1};

/* Compares `count` floats under a rule with the tolerance that a perfect reference gives. */
static inline struct compare_result judge_with(const struct compare_rule *rule, const float *got,
                                               const double *expected, const double *gauge, const uint32_t *poison,
                                               int64_t count) {
    const struct compare_tensor tensor = {.name = "o",
                                          .type = DTYPE_F32,
                                          .rank = 1,
                                          .shape = &count,
                                          .got = got,
                                          .expected = expected,
                                          .gauge = gauge,
                                          .poison = poison};
    struct compare_bound bound;
    struct compare_result result;

    compare_bound_from(rule, NULL, 0, &bound);
    ck_assert(bound.valid);
    compare_judge(&tensor, rule, &bound, &result);
    return result;
}

/* Rounds to `bits` significant bits, to nearest. */
static inline double round_bits(double value, int bits) {
    int exponent;
    const double fraction = frexp(value, &exponent);

    return ldexp(nearbyint(ldexp(fraction, bits)), exponent - bits);
}

#endif
