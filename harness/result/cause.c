/* SPDX-License-Identifier: MIT */
/* See cause.h. */
#include "harness/result/cause.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"

static bool is_about_numbers(enum verdict verdict) {
    return verdict == VERDICT_WRONG_ANSWER || verdict == VERDICT_NOT_FINITE || verdict == VERDICT_UNWRITTEN_OUTPUT;
}

char *cause_of_output(const struct cause_output *output, enum verdict verdict) {
    char share[FORMAT_SIZE], ratio[FORMAT_SIZE];
    int64_t bad = verdict == VERDICT_NOT_FINITE         ? output->not_finite
                  : verdict == VERDICT_UNWRITTEN_OUTPUT ? output->unwritten
                                                        : output->failing;
    const char *what = verdict == VERDICT_NOT_FINITE         ? "NaN or infinite where the reference is finite"
                       : verdict == VERDICT_UNWRITTEN_OUTPUT ? "never written"
                                                             : "out of tolerance";
    if (bad == 0 && verdict == VERDICT_WRONG_ANSWER)
        return heap_format("no element of %s is out of tolerance alone, but together they are: the root mean square of "
                           "their errors is %s its limit",
                           output->name, format_ratio(ratio, output->rms_share));
    if (output->count == 1)
        return heap_format("%s is %s", output->name, what);
    double part = output->count > 0 ? (double)bad / (double)output->count : 0;
    return heap_format("%" PRId64 " of %" PRId64 " elements of %s %s %s (%s)", bad, output->count, output->name,
                       bad == 1 ? "is" : "are", what, format_share(share, part));
}

static const cJSON *member(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key) {
    const char *text = cJSON_GetStringValue(member(object, key));
    return text != NULL ? text : "";
}

/* The output that the worst element is of, else the first that did not pass. NULL when all of them did. */
static const cJSON *worst_output(const struct result_case *c) {
    const cJSON *output, *worst = member(c->document, "worst");
    const char *name = text_of(worst, "output");
    cJSON_ArrayForEach(output, member(c->document, "outputs")) {
        if (cJSON_IsObject(worst) ? strcmp(text_of(output, "name"), name) == 0
                                  : strcmp(text_of(output, "verdict"), verdict_code(VERDICT_PASSED)) != 0)
            return output;
    }
    return NULL;
}

/* "; worst o[3]: got 1, expected 2", or nothing. */
static void put_worst(FILE *out, const cJSON *worst) {
    char got[FORMAT_SIZE], expected[FORMAT_SIZE];
    const cJSON *node;
    if (!cJSON_IsObject(worst))
        return;
    fprintf(out, "; worst %s", text_of(worst, "output"));
    cJSON_ArrayForEach(node, member(worst, "index")) {
        fprintf(out, "[%" PRId64 "]", result_integer(node));
    }
    fprintf(out, ": got %s, expected %s", format_value(got, result_number(member(worst, "got"))),
            format_value(expected, result_number(member(worst, "expected"))));
}

static char *cause_of_numbers(const struct result_case *c, const cJSON *output) {
    double rms = result_number(member(output, "rms")), bound = result_number(member(output, "bound_rms"));
    const struct cause_output part = {.name = text_of(output, "name"),
                                      .failing = result_integer(member(output, "failing")),
                                      .not_finite = result_integer(member(output, "not_finite")),
                                      .unwritten = result_integer(member(output, "unwritten")),
                                      .count = result_integer(member(output, "count")),
                                      .rms_share = bound > 0 ? rms / bound : NAN};
    struct heap_text into;
    heap_text_open(&into);
    char *summary = cause_of_output(&part, c->verdict);
    fputs(summary, into.stream);
    put_worst(into.stream, member(c->document, "worst"));
    free(summary);
    return heap_text_take(&into, NULL);
}

char *cause_of_case(const struct result_case *c) {
    const cJSON *output = is_about_numbers(c->verdict) ? worst_output(c) : NULL;
    if (c->hidden)
        return heap_format("in a hidden case, %s", verdict_sentence(c->verdict));
    /* Numbers that are right say nothing about a case that failed: it was not the same twice, for instance. */
    if (output != NULL && strcmp(text_of(output, "verdict"), verdict_code(VERDICT_PASSED)) != 0)
        return cause_of_numbers(c, output);
    const char *words = c->detail[0] != '\0' ? c->detail : verdict_sentence(c->verdict);
    return c->place[0] != '\0' ? heap_format("%s (at %s)", words, c->place) : heap_format("%s", words);
}

char *cause_of_timing(const struct result_timing *timing) {
    char ratio[FORMAT_SIZE], needed[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE];
    if (timing->verdict == VERDICT_TOO_SLOW && timing->ratio > 0)
        return heap_format("%s the speed of the reference [%s, %s], %s needed", format_ratio(ratio, timing->ratio),
                           format_ratio(low, timing->low), format_ratio(high, timing->high),
                           format_ratio(needed, timing->ratio_needed));
    return heap_format("%s", timing->detail[0] != '\0' ? timing->detail : verdict_sentence(timing->verdict));
}

char *cause_of_build(const struct result *result) {
    for (size_t i = 0; i < result->diagnostic_count; i++) {
        const struct result_diagnostic *d = &result->diagnostic[i];
        if (strstr(d->kind, "error") != NULL)
            return heap_format("%s:%" PRId64 ":%" PRId64 ": %s", d->file[0] != '\0' ? d->file : "?", d->line, d->column,
                               d->message);
    }
    return heap_format("%s", result->build_detail[0] != '\0' ? result->build_detail
                                                             : verdict_sentence(result->build_verdict));
}

/* The first part with the verdict of the whole is what decided. */
static char *deciding_part(const struct result *result) {
    char *cause = NULL, *text = NULL;
    if (result->built && result->build_verdict == result->verdict)
        return cause_of_build(result);
    for (size_t i = 0; i < result->case_count && cause == NULL; i++) {
        const struct result_case *c = &result->cases[i];
        if (c->verdict != result->verdict)
            continue;
        cause = cause_of_case(c);
        text = c->hidden ? heap_format("%s", cause) : heap_format("case %s: %s", c->name, cause);
    }
    for (size_t i = 0; i < result->timing_count && cause == NULL; i++) {
        const struct result_timing *timing = &result->timing[i];
        if (timing->verdict != result->verdict)
            continue;
        cause = cause_of_timing(timing);
        text = heap_format("%s: %s", timing->name, cause);
    }
    free(cause);
    return text;
}

char *cause_of_result(const struct result *result) {
    char *part = NULL;
    if (result->verdict != VERDICT_PASSED && result->verdict != VERDICT_SKIPPED)
        part = deciding_part(result);
    if (part != NULL)
        return part;
    return heap_format("%s", result->detail[0] != '\0' && result->verdict != VERDICT_PASSED
                                 ? result->detail
                                 : verdict_sentence(result->verdict));
}

struct cause_count cause_count_cases(const struct result *result) {
    struct cause_count count = {0};
    for (size_t i = 0; i < result->case_count; i++) {
        bool hidden = result->cases[i].hidden, passed = result->cases[i].verdict == VERDICT_PASSED;
        count.total += !hidden;
        count.passed += !hidden && passed;
        count.hidden_total += hidden;
        count.hidden_passed += hidden && passed;
    }
    return count;
}
