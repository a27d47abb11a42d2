/* SPDX-License-Identifier: MIT */
/* See view.h. */
#include "harness/view.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "harness/heap.h"

void view_count_cases(const struct grade *grade, struct view_count *count) {
    *count = (struct view_count){0};
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        size_t passed = c->verdict == VERDICT_PASSED;
        count->hidden_total += c->hidden;
        count->hidden_passed += c->hidden ? passed : 0;
        count->public_total += !c->hidden;
        count->public_passed += c->hidden ? 0 : passed;
        count->not_run += c->verdict == VERDICT_SKIPPED;
    }
}

size_t view_hidden_number(const struct grade *grade, size_t i) {
    size_t number = 0;
    for (size_t k = 0; k <= i; k++)
        number += grade->cases[k].hidden;
    return grade->cases[i].hidden ? number : 0;
}

static bool timing_is_hidden(const struct grade *grade, size_t i) {
    const struct spec *spec = grade->spec;
    for (size_t k = 0; spec != NULL && k < spec->timing_count; k++) {
        const struct spec_timing *timing = &spec->timing[k];
        if (grade->timing[i].name != NULL && strcmp(timing->name, grade->timing[i].name) == 0)
            return timing->family_count > 0 && timing->family[0].hidden;
    }
    return false;
}

size_t view_hidden_timing(const struct grade *grade, size_t i) {
    size_t number = 0;
    for (size_t k = 0; k <= i; k++)
        number += timing_is_hidden(grade, k);
    return timing_is_hidden(grade, i) ? number : 0;
}

static char *shown_name(const char *name, size_t hidden) {
    if (hidden > 0)
        return heap_format("hidden-%zu", hidden);
    return heap_format("%s", name != NULL ? name : "?");
}

char *view_case_name(const struct grade *grade, size_t i) {
    return shown_name(grade->cases[i].name, view_hidden_number(grade, i));
}

char *view_timing_name(const struct grade *grade, size_t i) {
    return shown_name(grade->timing[i].name, view_hidden_timing(grade, i));
}

enum view_part view_deciding(const struct grade *grade, size_t *index) {
    *index = grade->deciding;
    if (grade->verdict == VERDICT_PASSED)
        return VIEW_WHOLE;
    if (grade->build.verdict != VERDICT_PASSED)
        return VIEW_BUILD;
    if (grade->decided_by == GRADE_CORRECT && *index < grade->case_count)
        return VIEW_CASE;
    if (grade->decided_by == GRADE_SPEED && *index < grade->timing_count)
        return VIEW_TIMING;
    return VIEW_WHOLE;
}

bool view_deciding_hidden(const struct grade *grade) {
    size_t i;
    enum view_part part = view_deciding(grade, &i);
    if (part == VIEW_CASE)
        return view_hidden_number(grade, i) > 0;
    return part == VIEW_TIMING && view_hidden_timing(grade, i) > 0;
}

bool view_output_secret(const struct grade *grade) {
    for (size_t i = 0; i < grade->case_count; i++)
        if (grade->cases[i].hidden && grade->cases[i].verdict != VERDICT_SKIPPED)
            return true;
    for (size_t i = 0; i < grade->timing_count; i++)
        if (grade->timing[i].verdict != VERDICT_SKIPPED && view_hidden_timing(grade, i) > 0)
            return true;
    return false;
}

const struct spec_tolerance *view_tolerance(const struct grade *grade, const char *case_name, const char *output) {
    const struct spec *spec = grade->spec;
    for (size_t i = 0; spec != NULL && case_name != NULL && output != NULL && i < spec->case_count; i++) {
        if (strcmp(spec->cases[i].name, case_name) != 0)
            continue;
        const struct spec_entry *entry = &spec->entry[spec->cases[i].entry];
        for (size_t a = 0; a < entry->argument_count; a++)
            if (strcmp(entry->argument[a].name, output) == 0)
                return &entry->argument[a].tolerance;
    }
    return NULL;
}

double view_allowed(const struct compare_result *result, const struct compare_element *element) {
    if (isfinite(element->error) && isfinite(element->ratio) && element->ratio > 0)
        return element->error / element->ratio * result->bound.ratio;
    if (element->gauge > 0 && isfinite(element->gauge))
        return result->bound.ratio * 0x1p-24 * element->gauge;
    return NAN;
}

double view_most_used(const struct grade *grade, size_t *index) {
    double most = 0;
    *index = SIZE_MAX;
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        if (c->hidden || c->verdict != VERDICT_PASSED || c->output_count == 0)
            continue;
        if (*index == SIZE_MAX || c->used > most) {
            most = c->used;
            *index = i;
        }
    }
    return most;
}
