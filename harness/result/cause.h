/* SPDX-License-Identifier: MIT */
/* What became of a submission, in one line each: the same words on the screen, in JUnit and in every export. Numbers
 * that come out of hidden cases appear in none of them. What a candidate wrote is in them as it is: the place where a
 * line is shown escapes it. Callers free every text. */
#ifndef HARNESS_CAUSE_H
#define HARNESS_CAUSE_H

#include "harness/result/result.h"

/* How far an output is from what was expected. */
struct cause_output {
    const char *name;
    int64_t failing, not_finite, unwritten, count;
    double rms_share; /* root mean square of the errors, as a share of its limit; NaN if unknown */
};
char *cause_of_output(const struct cause_output *output, enum verdict verdict);

char *cause_of_build(const struct result *result); /* the first error, or why there is none */
char *cause_of_case(const struct result_case *c);
char *cause_of_timing(const struct result_timing *timing);

/* What decided the verdict: the build, a case or a timed case, and its cause. */
char *cause_of_result(const struct result *result);

/* How many cases there are and passed. */
struct cause_count {
    size_t total, passed, hidden_total, hidden_passed;
};
struct cause_count cause_count_cases(const struct result *result);

#endif
