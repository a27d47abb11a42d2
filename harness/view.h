/* SPDX-License-Identifier: MIT */
/* What may be told about a grading, worked out once for every report.
 *
 * Hidden cases are counted and nothing else: no name, no size, no number that came out of them, because a submission
 * could smuggle their inputs out through any of these (an exit code, the size of an error, printed text). */
#ifndef HARNESS_VIEW_H
#define HARNESS_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/grade.h"

struct view_count {
    size_t public_total, public_passed;
    size_t hidden_total, hidden_passed;
    size_t not_run; /* of both kinds */
};

void view_count_cases(const struct grade *grade, struct view_count *count);

/* The place of case `i` among the hidden ones, from 1; 0 for a public one. */
size_t view_hidden_number(const struct grade *grade, size_t i);

/* A timed case is hidden when its contents are; from 1, 0 for a public one. */
size_t view_hidden_timing(const struct grade *grade, size_t i);

/* The name to show: the case's own, or "hidden-2". The caller frees. */
char *view_case_name(const struct grade *grade, size_t i);
char *view_timing_name(const struct grade *grade, size_t i);

enum view_part { VIEW_BUILD, VIEW_CASE, VIEW_TIMING, VIEW_WHOLE };

/* What decided the verdict, and its index. VIEW_WHOLE: nothing in particular. */
enum view_part view_deciding(const struct grade *grade, size_t *index);

/* True when what decided is hidden, so that `grade->detail` may not be shown. */
bool view_deciding_hidden(const struct grade *grade);

/* True when a hidden case was run, so that the candidate's printed text may hold its inputs. */
bool view_output_secret(const struct grade *grade);

/* The tolerance rule of an output, or NULL. */
const struct spec_tolerance *view_tolerance(const struct grade *grade, const char *case_name, const char *output);

/* |got - expected| that this element was allowed, NaN when it cannot be said. */
double view_allowed(const struct compare_result *result, const struct compare_element *element);

/* The largest share of tolerance in public cases that passed, and the index of its case (SIZE_MAX: none). */
double view_most_used(const struct grade *grade, size_t *index);

#endif
