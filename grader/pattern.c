/* SPDX-License-Identifier: MIT */
/* The words under a wrong answer: what the wrong values are, and where. */
#include "grader/pattern.h"

#include <stdio.h>
#include <string.h>

#include "grader/pattern_parts.h"

static void draw_map(const int64_t *along, int64_t length, char *map) {
    const int64_t bands = length < PATTERN_MAP ? length : PATTERN_MAP;

    memset(map, '.', (size_t)bands);
    map[bands] = '\0';
    for (int64_t i = 0; i < length; i++)
        if (along[i] > 0)
            map[i * bands / length] = '#';
}

static void draw_maps(const struct pattern_census *census, struct pattern *pattern) {
    pattern->row_count = census->rows;
    pattern->column_count = census->columns;
    draw_map(census->along[census->rank - 1], census->columns, pattern->columns);
    if (census->rank >= 2)
        draw_map(census->along[census->rank - 2], census->rows, pattern->rows);
    else
        draw_map(&census->wrong, 1, pattern->rows);
}

static void say(struct pattern *pattern, const struct pattern_remark *first, const struct pattern_remark *second) {
    pattern_append(pattern->sentence, sizeof pattern->sentence, "%s", first->sentence);
    if (second)
        pattern_append(pattern->sentence, sizeof pattern->sentence, " %s", second->sentence);
    pattern_append(pattern->advice, sizeof pattern->advice, "%s",
                   first->advice[0] || !second ? first->advice : second->advice);
}

static void describe_unwritten(const struct pattern_census *census, struct pattern *pattern) {
    struct pattern_remark place;

    if (census->wrong == census->count) {
        snprintf(pattern->sentence, sizeof pattern->sentence, "No element of %s was ever written.",
                 census->plan.tensor->name);
        return;
    }
    pattern_place(census, "was never written", "were never written", &place);
    say(pattern, &place, NULL);
}

static void describe_not_finite(const struct pattern_census *census, struct pattern *pattern) {
    const bool nan = census->nan == census->wrong, infinite = census->nan == 0;
    const char *is = nan ? "is NaN" : infinite ? "is infinite" : "is NaN or infinite";
    const char *are = nan ? "are NaN" : infinite ? "are infinite" : "are NaN or infinite";
    struct pattern_remark place;

    pattern_place(census, is, are, &place);
    if (nan && census->marked == census->wrong)
        snprintf(place.advice, sizeof place.advice,
                 "These NaN carry the mark that %s held before the call: it is read before it is written, as in "
                 "%s[i] += x without setting it to 0 first.",
                 census->plan.tensor->name, census->plan.tensor->name);
    say(pattern, &place, NULL);
}

static void describe_wrong(const struct pattern_census *census, struct pattern *pattern) {
    const bool least = census->plan.rule == SPEC_RULE_AT_LEAST;
    struct pattern_remark limit, values, place;
    const bool judged = pattern_judged(census, &limit);
    const bool known = !census->plan.tensor->measured && pattern_values(census, &values);

    if (known && !values.partial) {
        say(pattern, judged ? &limit : &values, judged ? &values : NULL);
        return;
    }
    pattern_place(census, least ? "is too small" : "is wrong", least ? "are too small" : "are wrong", &place);
    if (judged)
        say(pattern, &limit, known ? &values : limit.partial ? &place : NULL);
    else if (known)
        say(pattern, &values, &place);
    else
        say(pattern, &place, NULL);
}

void pattern_find(const struct compare_tensor *tensor, const struct compare_rule *rule,
                  const struct compare_result *result, struct pattern *pattern) {
    struct pattern_census census;

    *pattern = (struct pattern){0};
    if (result->error.count == 0 || tensor->rank == 0)
        return;
    if (pattern_census_init(&census, tensor, rule, result) && census.wrong > 0) {
        draw_maps(&census, pattern);
        if (result->verdict == VERDICT_UNWRITTEN_OUTPUT)
            describe_unwritten(&census, pattern);
        else if (result->verdict == VERDICT_NOT_FINITE)
            describe_not_finite(&census, pattern);
        else
            describe_wrong(&census, pattern);
    }
    pattern_census_release(&census);
}
