/* SPDX-License-Identifier: MIT */
/* Outputs of which the limit says more than any relation between the values: a single number, a least value, a curve.
 * "0.41, and 0.75 is needed" is what a reader can act on; that 0.41 is 0.44 times the reference's number is not. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grader/pattern_parts.h"

enum { NUMBER_BYTES = 32, DIGITS_LEAST = 4, DIGITS_MOST = 17 };

static const double exact_below = 1e15;

/* Two numbers with as few digits as tell them apart; counts with all of theirs. */
struct pair {
    char a[NUMBER_BYTES], b[NUMBER_BYTES];
};

static struct pair pair_of(double a, double b) {
    struct pair pair;
    const bool whole = a == nearbyint(a) && b == nearbyint(b) && fabs(a) < exact_below && fabs(b) < exact_below;
    int digits = whole ? DIGITS_MOST : DIGITS_LEAST;

    do {
        snprintf(pair.a, sizeof pair.a, "%.*g", digits, a);
        snprintf(pair.b, sizeof pair.b, "%.*g", digits, b);
    } while (strcmp(pair.a, pair.b) == 0 && digits++ < DIGITS_MOST);
    return pair;
}

/* "loss", or "loss[3]" if there are several elements. */
static void name_element(const struct pattern_census *census, const struct compare_element *element, char *text,
                         size_t size) {
    pattern_append(text, size, "%s", census->plan.tensor->name);
    for (size_t k = 0; k < census->rank && census->count > 1; k++)
        pattern_append(text, size, "[%" PRId64 "]", element->index[k]);
}

static bool is_too_small(const struct pattern_census *census, struct pattern_remark *remark) {
    const struct compare_element *worst = &census->result->error.worst[0];
    const struct pair pair = pair_of(worst->got, census->plan.limit);
    char name[160] = "";

    name_element(census, worst, name, sizeof name);
    pattern_append(remark->sentence, sizeof remark->sentence, "%s is %s, and %s is needed%s.", name, pair.a, pair.b,
                   census->wrong == 1 && census->count > 1 ? "; all the others are enough" : "");
    remark->partial = census->wrong > 1;
    return true;
}

static bool is_single(const struct pattern_census *census, struct pattern_remark *remark) {
    const struct compare_element *first = &census->result->first;
    const struct pair pair = pair_of(first->got, first->expected);

    pattern_append(remark->sentence, sizeof remark->sentence, "%s is %s, and %s is expected", census->plan.tensor->name,
                   pair.a, pair.b);
    if (census->plan.rule == SPEC_RULE_CURVE)
        pattern_append(remark->sentence, sizeof remark->sentence, ", give or take %.3g", census->result->bound.ratio);
    pattern_append(remark->sentence, sizeof remark->sentence, ".");
    return true;
}

static bool parts(const struct pattern_census *census, struct pattern_remark *remark) {
    const struct compare_element *first = &census->result->first;
    const struct pair pair = pair_of(first->got, first->expected);
    const int64_t left = census->count - first->flat;
    char name[160] = "";

    name_element(census, first, name, sizeof name);
    pattern_append(remark->sentence, sizeof remark->sentence,
                   "The curves part at %s: %s instead of %s, which is %.3g off where %.3g is allowed.", name, pair.a,
                   pair.b, first->error, census->result->bound.ratio);
    if (census->wrong == left && left > 1)
        pattern_append(remark->sentence, sizeof remark->sentence, " From there on every element is wrong.");
    remark->partial = census->wrong != left;
    return true;
}

bool pattern_judged(const struct pattern_census *census, struct pattern_remark *remark) {
    const struct compare_result *result = census->result;

    *remark = (struct pattern_remark){.partial = false};
    if (result->failing == 0 || result->error.worst_count == 0)
        return false;
    if (census->plan.rule == SPEC_RULE_AT_LEAST)
        return is_too_small(census, remark);
    if (census->count == 1)
        return is_single(census, remark);
    return census->plan.rule == SPEC_RULE_CURVE && parts(census, remark);
}
