/* SPDX-License-Identifier: MIT */
/* One case that did not pass: which elements, how far off, where they lie, what to look at. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/report_part.h"
#include "harness/result/cause.h"
#include "harness/view.h"

static bool is_about_numbers(enum verdict verdict) {
    return verdict == VERDICT_WRONG_ANSWER || verdict == VERDICT_NOT_FINITE || verdict == VERDICT_UNWRITTEN_OUTPUT;
}

static const struct grade_output *worst_output(const struct grade_case *c) {
    return c->worst < c->output_count && c->worst < SPEC_ARGUMENTS_MAX ? &c->output[c->worst] : NULL;
}

static char *times_tolerance(char text[FORMAT_SIZE], const struct compare_result *result,
                             const struct compare_element *element) {
    if (!(result->bound.ratio > 0) || !isfinite(element->ratio)) {
        snprintf(text, FORMAT_SIZE, "-");
        return text;
    }
    return format_ratio(text, element->ratio / result->bound.ratio);
}

static void put_element(const struct screen *screen, const char *label, int width, const struct grade_output *output,
                        const struct compare_element *element) {
    char got[FORMAT_SIZE], expected[FORMAT_SIZE], error[FORMAT_SIZE], times[FORMAT_SIZE];
    char *name = format_element(output->name, output->rank, element);
    if (format_not_finite(element->error) != NULL)
        snprintf(error, sizeof error, "-");
    else
        snprintf(error, sizeof error, "%.2e", element->error);
    screen_line(screen, "  %-6s %-*s  %-12s %-12s %-10s %s", label, width, name, format_value(got, element->got),
                format_value(expected, element->expected), error, times_tolerance(times, &output->result, element));
    free(name);
}

static void put_elements(const struct screen *screen, const struct grade_output *output) {
    const struct compare_result *result = &output->result;
    const struct compare_element *worst = &result->error.worst[0];
    if (result->error.worst_count == 0 && result->failing == 0)
        return;
    char *first_name = format_element(output->name, output->rank, &result->first);
    char *worst_name = format_element(output->name, output->rank, worst);
    size_t a = result->failing > 0 ? strlen(first_name) : 0;
    size_t b = result->error.worst_count > 0 ? strlen(worst_name) : 0;
    int width = (int)(a > b ? a : b);
    width = width > 24 ? 24 : width;
    screen_line(screen, "  %-6s %-*s  %-12s %-12s %-10s %s", "", width, "", "got", "expected", "error",
                "times its tolerance");
    if (result->error.worst_count > 0)
        put_element(screen, "worst", width, output, worst);
    if (result->failing > 0)
        put_element(screen, "first", width, output, &result->first);
    free(first_name);
    free(worst_name);
}

static char *summary_of_output(const struct grade_output *output, enum verdict verdict) {
    const struct compare_result *r = &output->result;
    const struct cause_output part = {.name = output->name,
                                      .failing = r->failing,
                                      .not_finite = r->error.not_finite,
                                      .unwritten = r->error.unwritten,
                                      .count = r->error.count,
                                      .rms_share = r->bound.rms > 0 ? r->error.rms / r->bound.rms : NAN};
    return cause_of_output(&part, verdict);
}

/* What was demanded of this output, in one sentence. */
static void put_rule(const struct screen *screen, const struct grade *grade, const struct grade_case *c,
                     const struct grade_output *output) {
    const struct spec_tolerance *tolerance = view_tolerance(grade, c->name, output->name);
    const struct compare_bound *bound = &output->result.bound;
    if (tolerance == NULL)
        return;
    switch (tolerance->rule) {
    case SPEC_RULE_GAUGE:
        screen_wrap(
            screen, 2,
            "rule: |got - expected| <= %.4g * 2^-24 * g, where g is the sum of the sizes of the terms that make "
            "up the element; plain float32 code needs %.3g of these %.4g units here",
            bound->ratio, bound->reference_ratio, bound->ratio);
        break;
    case SPEC_RULE_FROBENIUS:
        screen_wrap(screen, 2, "rule: the norm of all errors together is at most %.3g of the norm of the tensor",
                    bound->ratio);
        break;
    case SPEC_RULE_EXACT:
        screen_wrap(screen, 2, "rule: every element exactly as expected");
        break;
    case SPEC_RULE_ULP:
        screen_wrap(screen, 2, "rule: at most %.4g units in the last place of float32", bound->ratio);
        break;
    case SPEC_RULE_CURVE:
        screen_wrap(screen, 2, "rule: |got - expected| <= %.3g at every element; plain float32 code is %.3g off here",
                    bound->ratio, bound->reference_ratio);
        break;
    case SPEC_RULE_AT_LEAST:
        screen_wrap(screen, 2, "rule: at least %.6g", tolerance->limit);
        break;
    case SPEC_RULE_JUDGED:
        screen_wrap(screen, 2, "rule: every element written and finite; the measures say whether it is right");
        break;
    case SPEC_RULES:
        break;
    }
}

static void put_pattern(const struct screen *screen, const struct pattern *pattern) {
    screen_line(screen, "%s", "");
    if (pattern->row_count > 1)
        screen_line(screen, "  rows  |%.*s|  0 .. %" PRId64, PATTERN_MAP, pattern->rows, pattern->row_count - 1);
    if (pattern->column_count > 1)
        screen_line(screen, "  cols  |%.*s|  0 .. %" PRId64, PATTERN_MAP, pattern->columns, pattern->column_count - 1);
    if (pattern->sentence[0] != '\0')
        screen_wrap(screen, 2, "%s", pattern->sentence);
    if (pattern->advice[0] != '\0')
        screen_wrap(screen, 2, "%s", pattern->advice);
}

/* The other measures that have a least value, where they fall short of the reference's: a score says that points are
 * lost, its parts say where. */
static void put_parts(const struct screen *screen, const struct grade *grade, const struct grade_case *c,
                      const struct grade_output *shown) {
    int width = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t o = 0; o < c->output_count; o++) {
            const struct grade_output *output = &c->output[o];
            const struct compare_result *result = &output->result;
            const struct spec_tolerance *tolerance = view_tolerance(grade, c->name, output->name);
            if (output == shown || tolerance == NULL || tolerance->rule != SPEC_RULE_AT_LEAST ||
                result->error.worst_count == 0 || result->error.worst[0].error == 0)
                continue;
            if (pass == 0)
                width = width > (int)strlen(output->name) + 3 ? width : (int)strlen(output->name) + 3;
            else
                put_element(screen, "also", width, output, &result->error.worst[0]);
        }
}

static void put_numbers(const struct screen *screen, const struct grade *grade, const struct grade_case *c) {
    const struct grade_output *output = worst_output(c);
    /* Right, and yet the case failed: it was not the same twice, and the numbers say nothing about that. */
    if (output == NULL || output->result.verdict == VERDICT_PASSED)
        return;
    char *summary = summary_of_output(output, c->verdict);
    screen_wrap(screen, 2, "%s", summary);
    free(summary);
    put_elements(screen, output);
    put_parts(screen, grade, c, output);
    if (output->result.error.count > 1 && isfinite(output->result.error.rel_fro) && output->result.error.rel_fro > 0)
        screen_line(screen, "  all of %s together: relative error %.2e", output->name, output->result.error.rel_fro);
    put_rule(screen, grade, c, output);
    if (c->has_pattern)
        put_pattern(screen, &c->pattern);
}

void report_case(const struct screen *screen, const struct grade *grade, size_t i) {
    const struct grade_case *c = &grade->cases[i];
    const char *remedy = outcome_of(c->verdict)->remedy;
    /* Not even the place of a crash: a line for each size would tell the size. */
    if (c->hidden) {
        screen_wrap(screen, 2,
                    "In a hidden case, %s. Hidden cases show nothing more: try sizes and values of your own that the "
                    "public cases do not cover.",
                    verdict_sentence(c->verdict));
        return;
    }
    if (c->place[0] != '\0')
        screen_wrap(screen, 2, "at %s", c->place);
    if (is_about_numbers(c->verdict))
        put_numbers(screen, grade, c);
    if (c->detail[0] != '\0')
        screen_wrap(screen, 2, "%s", c->detail);
    else if (!is_about_numbers(c->verdict))
        screen_wrap(screen, 2, "%s", verdict_sentence(c->verdict));
    if (remedy != NULL)
        screen_wrap(screen, 2, "%s", remedy);
    if (c->catches != NULL && c->catches[0] != '\0') {
        screen_line(screen, "%s", "");
        screen_wrap(screen, 2, "this case catches: %s", c->catches);
    }
}
