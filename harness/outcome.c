/* SPDX-License-Identifier: MIT */
/* See outcome.h. */
#include "harness/outcome.h"

#include <assert.h>

/* A broken or refused program is an error to JUnit, a program that ran and gave bad answers is a failure. */
static const struct outcome OUTCOME[VERDICT_COUNT] = {
    [VERDICT_PASSED] = {EXIT_ACCEPTED, OUTCOME_OK, SCREEN_GOOD, NULL},
    [VERDICT_WRONG_ANSWER] = {EXIT_NOT_ACCEPTED, OUTCOME_FAILURE, SCREEN_BAD, NULL},
    [VERDICT_NOT_FINITE] = {EXIT_NOT_ACCEPTED, OUTCOME_FAILURE, SCREEN_BAD, NULL},
    [VERDICT_UNWRITTEN_OUTPUT] = {EXIT_NOT_ACCEPTED, OUTCOME_FAILURE, SCREEN_BAD, NULL},
    [VERDICT_OUT_OF_BOUNDS] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD,
                               "Check the first and the last index of each loop against the shapes in the header."},
    [VERDICT_TOO_SLOW] = {EXIT_NOT_ACCEPTED, OUTCOME_FAILURE, SCREEN_BAD, NULL},
    [VERDICT_TIME_LIMIT] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD,
                            "Look for a loop that cannot end for these sizes, or for far more work than is needed."},
    [VERDICT_MEMORY_LIMIT] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD,
                              "Free what you allocate in each call, and keep large temporary arrays small by tiling."},
    [VERDICT_CRASHED] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD, NULL},
    [VERDICT_EXITED] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD,
                        "Return from the function instead of calling exit() or abort()."},
    [VERDICT_FORBIDDEN_CALL] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD,
                                "A solution computes and allocates memory; it needs no files, processes or network."},
    [VERDICT_TAMPERED] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD,
                          "All work on a call has to be done between the call and its return, on its own inputs."},
    [VERDICT_COMPILE_ERROR] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD, NULL},
    [VERDICT_REJECTED_BINARY] = {EXIT_NOT_ACCEPTED, OUTCOME_ERROR, SCREEN_BAD, NULL},
    [VERDICT_UNSTABLE] = {EXIT_OPERATOR, OUTCOME_ERROR, SCREEN_WARN,
                          "This is no fault of the submission: stop other work on this machine and run it again."},
    [VERDICT_CHALLENGE_ERROR] = {EXIT_CHALLENGE, OUTCOME_ERROR, SCREEN_WARN,
                                 "This is no fault of the submission: tell the author of the challenge."},
    [VERDICT_HARNESS_ERROR] = {EXIT_OPERATOR, OUTCOME_ERROR, SCREEN_WARN,
                               "This is no fault of the submission: run `harness doctor`, then try again."},
    [VERDICT_SKIPPED] = {EXIT_OPERATOR, OUTCOME_SKIPPED, SCREEN_WARN, NULL},
};

const struct outcome *outcome_of(enum verdict verdict) {
    assert((unsigned)verdict < VERDICT_COUNT);
    return &OUTCOME[verdict];
}

static const struct {
    int exit;
    enum verdict verdict;
} OWNER[] = {
    [ERROR_HARNESS] = {EXIT_OPERATOR, VERDICT_HARNESS_ERROR},
    [ERROR_USER] = {EXIT_USAGE, VERDICT_SKIPPED},
    [ERROR_CHALLENGE] = {EXIT_CHALLENGE, VERDICT_CHALLENGE_ERROR},
};

int outcome_exit_of_error(enum error_owner owner) {
    return OWNER[owner].exit;
}

enum verdict outcome_verdict_of_error(enum error_owner owner) {
    return OWNER[owner].verdict;
}
