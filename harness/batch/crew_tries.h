/* SPDX-License-Identifier: MIT */
/* How often a task was begun, in RESULTS/attempts/TASK: one letter for each event, so that nothing is lost whenever a
 * process is killed, and several may write. */
#ifndef HARNESS_CREW_TRIES_H
#define HARNESS_CREW_TRIES_H

#include "grader/error.h"

enum tries_event {
    TRIES_BEGUN = 'b',
    TRIES_DIED = 'd',       /* its grader ended in the middle of it */
    TRIES_INTERRUPTED = 'i' /* the user stopped it: that time does not count */
};

struct tries {
    unsigned begun, died;
};

/* Zeros when there is no such file. */
void tries_read(const char *results, const char *task, struct tries *tries);
int tries_mark(const char *results, const char *task, enum tries_event event, struct error *err);
void tries_forget(const char *results, const char *task);

#endif
