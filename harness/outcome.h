/* SPDX-License-Identifier: MIT */
/* What a verdict means outside the grader: the exit code, the JUnit element and the colour. One table, so that the
 * reports can never disagree with each other. */
#ifndef HARNESS_OUTCOME_H
#define HARNESS_OUTCOME_H

#include <stdbool.h>

#include "grader/error.h"
#include "grader/verdict.h"
#include "harness/screen.h"

/* The contract of `harness --help`. With several submissions the largest counts; only an interruption beats it. */
enum {
    EXIT_ACCEPTED = 0,
    EXIT_NOT_ACCEPTED = 1, /* the candidate's turn */
    EXIT_USAGE = 2,        /* the user's */
    EXIT_CHALLENGE = 3,    /* the author's of the challenge */
    EXIT_OPERATOR = 4,     /* the machine's: try again */
    EXIT_NOTHING = 5
};

enum outcome_junit { OUTCOME_OK, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED };

struct outcome {
    int exit;
    enum outcome_junit junit;
    enum screen_style style;
    const char *remedy; /* what the reader can do; NULL when the report's own words say it */
};

const struct outcome *outcome_of(enum verdict verdict);
int outcome_exit_of_error(enum error_owner owner);
enum verdict outcome_verdict_of_error(enum error_owner owner);

#endif
