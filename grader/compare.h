/* SPDX-License-Identifier: MIT */
/* [compare]: is an output right? Pure functions of arrays; no sandbox, no clock.
 *
 * The rule (classes of spec.h):
 *   gauge      An element's error is measured in units of u*g; g is its gauge: the first-order condition term that
 *              the reference gives beside the output (for sum a*b it is sum |a||b|).
 *                ratio_i = |got_i - y_i| / (u*g_i + s*d),   s = n_red, at least 1
 *              With r_ref, rms_ref the largest ratio and rms of at least two plain float32 algorithms on the same case,
 *              an output passes when  max ratio <= min(16*max(r_ref,1), 2*(n_red+20), 2048)
 *                               and   rms ratio <= 16*max(rms_ref, 0.25).
 *              A gauge that is negative or not finite gives an infinite ratio (unless the oracle itself is not finite).
 *   frobenius  ||got-y||_F/||y||_F <= min(16*max(reference's, 2^-24), cap). With y = 0 any error is infinite.
 *   exact      bit for bit for integers; for floats the oracle rounded to the output's type (-0 == +0)
 *   ulp        at most `limit` units in the last place of the output's type from the oracle rounded to that type
 *   curve      |got_i - y_i| <= max(floor, 16*D), D the largest |error| of the float32 algorithms on the same case; a D
 *              beyond the cap is no bound to hold anybody to
 *   at_least   got_i >= limit. Its ratio is the share of the way from the oracle (0) to the limit (1) that was lost.
 *   judged     any finite number, and any integer, that was written: the measures of the entry judge it. An integer or
 *              bf16 element may equal its poison by chance, so only a run of eight such bytes counts as unwritten.
 * Integer outputs are compared exactly whatever the rule says, unless they are judged.
 *
 * Numbers by type of the array in `got`:
 *           u       d = least subnormal   tiny       the oracle rounds to infinity from
 *   f32     2^-24   2^-149                2^-126     2^128 - 2^103
 *   f64     2^-53   2^-1074               2^-1022    never
 *   bf16    2^-24   2^-149                2^-126     2^128 - 2^119
 * A bf16 output is meant to be computed in float32 and rounded once: half a bf16 spacing of the oracle is forgiven, and
 * what is left of the error is held to the float32 rule (a truncating conversion fails). The plain float32 algorithms
 * are measured with type f32 whatever the output's type: ratios are in units of the type and carry over.
 *
 * Acceptance is stated and negated, so NaN rejects. Special values, first match first:
 *   1. An element that still holds its poison bit for bit is unwritten, unless that is exactly the right answer.
 *   2. An expected NaN accepts any NaN and nothing else.
 *   3. An oracle that rounds to infinity expects the infinity of its sign and nothing else.
 *   4. NaN or infinity where a finite number is expected is not finite.
 * Each of these has an infinite ratio, error and distance where it is violated. Without strict_denormal an error of up
 * to `tiny` is forgiven where |y| < tiny (flush to zero). A structural zero (y = 0, g = 0) so accepts 0 and what is
 * at the denormal floor, and nothing else.
 * The verdict is unwritten_output if any element is unwritten, else not_finite if any is, else wrong_answer.
 * Source: LAPACK Working Note 41 and Higham, Accuracy and Stability, ch. 3 (gamma_n); BLAS level 3 testers. */
#ifndef GRADER_COMPARE_H
#define GRADER_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/spec.h"
#include "grader/verdict.h"

struct compare_tensor {
    const char *name;
    enum dtype type; /* of got and poison */
    size_t rank;
    const int64_t *shape;
    const void *got;      /* count elements of `type` */
    const void *expected; /* floating outputs: double; integer outputs: the same type as got */
    const double *gauge;  /* rule gauge: >= 0; else unused */
    const void *poison;   /* what the buffer held before the call, or NULL */
    bool measured;        /* a measure: not what was handed in, but what that led to */
};

struct compare_rule {
    enum spec_rule rule;
    double reduction; /* n_red */
    double limit;     /* ulp; frobenius and curve: the cap; at_least: the least value */
    double floor;     /* curve */
    bool strict_denormal;
};

enum { COMPARE_WORST = 5 };

struct compare_element {
    int64_t flat; /* row-major index */
    int64_t index[SPEC_RANK_MAX];
    double got, expected, gauge, error; /* |got - expected| */
    double ratio; /* in units of the rule; frobenius: error * sqrt(count)/||y||, so it can be held against the bound */
    double ulp;   /* units in the last place of the type of got; integers: the difference */
};

/* What one comparison saw; no judgement yet. */
struct compare_error {
    int64_t count;
    double ratio, rms; /* gauge: as above; frobenius: relative norm in both; exact: 0 or INFINITY; ulp: ULPs */
    double max_abs, max_rel, max_ulp, rel_fro; /* max_rel over y != 0 */
    int64_t not_finite;                        /* where the oracle is finite */
    int64_t unwritten;                         /* still poison */
    int64_t both_nan;                          /* NaN where the oracle is NaN: right, unless it is the poison */
    int64_t zeros;                             /* exact zeros in got */
    int64_t flushed;                           /* smaller than rounding explains where |y| < tiny: forgiven, reported */
    size_t worst_count;                        /* elements with ratio 0 are not listed */
    struct compare_element worst[COMPARE_WORST]; /* by ratio, largest first; equals in the order of the array */
};

/* The limits on a candidate, from the rule and the errors of the reference ensemble on the same content. */
struct compare_bound {
    double ratio, rms;
    double reference_ratio, reference_rms; /* the ensemble's largest */
    bool valid; /* false: the ensemble itself is out of bounds: the case, its gauge or the reference is wrong, which is
                 * the challenge's fault */
};

struct compare_result {
    enum verdict verdict; /* PASSED, WRONG_ANSWER, NOT_FINITE or UNWRITTEN_OUTPUT */
    double used;          /* share of the tolerance: max(ratio/bound.ratio, rms/bound.rms); > 1 fails */
    int64_t failing;      /* elements out of tolerance; none if passed, perhaps none if only the rms is too large */
    struct compare_element first; /* the first failing one, if failing > 0 */
    struct compare_error error;
    struct compare_bound bound;
};

void compare_measure(const struct compare_tensor *tensor, const struct compare_rule *rule, struct compare_error *error);
void compare_bound_from(const struct compare_rule *rule, const struct compare_error *reference, size_t count,
                        struct compare_bound *bound);
void compare_judge(const struct compare_tensor *tensor, const struct compare_rule *rule,
                   const struct compare_bound *bound, struct compare_result *result);

#endif
