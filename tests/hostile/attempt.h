/* SPDX-License-Identifier: MIT */
/* One grading of one program, in a process of its own: neither a crash nor a hang of the grader goes unseen. */
#ifndef TESTS_HOSTILE_ATTEMPT_H
#define TESTS_HOSTILE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "grader/sandbox/sandbox.h"
#include "tests/hostile/canary.h"
#include "tests/hostile/program.h"

struct attempt_request {
    const struct spec *spec;
    const char *path, *file; /* the program, and its name alone */
    const char *folder;      /* private, for the copy in which the placeholders are replaced */
    const struct canary *canary;
    pid_t victim;
    enum sandbox_level require, at_most;
    double timing_s; /* 0: correctness only */
    double deadline_s;
};

enum attempt_end {
    ATTEMPT_UNKNOWN, /* the grader died */
    ATTEMPT_VERDICT,
    ATTEMPT_ERROR, /* the grader says that it is its own, the user's or the challenge's fault */
    ATTEMPT_HUNG
};

struct attempt { /* lies in memory that is shared with the grading process */
    enum attempt_end end;
    enum verdict verdict;
    double ratio; /* of speed, 0 if it was not measured */
    bool gained, leaked;
    char detail[400]; /* the grader's sentence */
    char said[120];   /* the program's, from GAINED on */
    pid_t pid;        /* of the grader that was */
    int64_t wall_ns;
};

/* NULL if there is no memory. */
struct attempt *attempt_new(void);

/* Whether processes that are started from now on get this memory as well. */
void attempt_inherit(struct attempt *attempt, bool inherit);

/* Meanwhile every orphan is reaped, as an init does. */
void attempt_run(const struct attempt_request *request, struct attempt *attempt);

#endif
