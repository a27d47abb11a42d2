/* SPDX-License-Identifier: MIT */
/* Graders working side by side: processes, so that nothing that one submission does to its grader stops the others, and
 * so that memory does not grow with the number of submissions. Each takes tasks of one challenge after another and
 * shares the reference's answers among them (grade_answers); what it finds goes into a result file. */
#ifndef HARNESS_CREW_H
#define HARNESS_CREW_H

#include "harness/batch/plan.h"
#include "harness/result/record.h"
#include "harness/result/sign.h"

enum {
    CREW_TRIES_MAX = 3,   /* a task whose grader died so often gets `harness_error` instead of another try */
    CREW_BEGINS_MAX = 20, /* and so does one that was begun so often: what it ends may be the whole machine */
    CREW_STAGE = 40
};

struct crew_work {
    const struct options *options;
    const struct submissions *list;
    const struct plan *plan;
    const char *results;        /* folder; a scratch one when the user asked for none */
    const struct sign_key *key; /* or NULL */
    unsigned jobs;
    const bool *skip; /* by task: leave these out as if they were another shard's; or NULL */
    const volatile int *cancel;
    /* Called in the parent, in the order in which results appear: `index` into plan->task; `record` is valid during the
     * call. Tasks that had a result before come first, with `old` set. */
    void (*finished)(void *context, size_t index, const struct record *record, bool old);
    /* What a grader is at: a stage of grade_progress_fn, "" when it begins. Or NULL. */
    void (*at)(void *context, size_t index, const char *stage);
    void (*idle)(void *context); /* a few times a second; or NULL */
    void *context;
};

/* The cores that this process may use: how many graders there are by default. */
unsigned crew_cores(void);

/* Is the task of this shard, and not left out? */
bool crew_has(const struct crew_work *work, size_t index);

/* Moves the result of a task out of the way, to RESULTS/old/, and forgets how often it was begun: it will be graded
 * again. Fine when there is none. */
int crew_set_aside(const char *results, const char *task, struct error *err);

/* Grades all tasks of the plan's shard that have no valid result yet. Returns 0 when each has one, 1 when cancelled, -1
 * on an error of our own. */
int crew_grade(const struct crew_work *work, struct error *err);

#endif
