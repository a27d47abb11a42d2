/* SPDX-License-Identifier: MIT */
/* One grader of the crew: a process that takes orders from a pipe and answers on another. Private to crew*.c. */
#ifndef HARNESS_CREW_GRADER_H
#define HARNESS_CREW_GRADER_H

#include "harness/batch/crew.h"
#include "harness/report.h"

struct order {
    size_t index;   /* into plan->task */
    unsigned begun; /* how often it has been begun, this time included */
};

enum reply_kind {
    REPLY_STAGE,       /* still at it */
    REPLY_DONE,        /* the result is there, by us or by somebody who was first */
    REPLY_INTERRUPTED, /* no result, because `stop` was set */
    REPLY_FAULT        /* no result, and no other would fare better: `error` says why */
};

/* Small enough to go through a pipe in one piece. */
struct reply {
    enum reply_kind kind;
    size_t index;
    char stage[CREW_STAGE];
    struct error error;
};

struct grader_desk {
    const struct crew_work *work;
    const volatile int *stop; /* shared with the parent */
};

/* Of process_fork(): until there are no more orders. `context` is a struct grader_desk. */
int grader_body(void *context, int in, int out);

/* Makes the result file of a task. `started` is from grader_time(). Returns what record_publish() returns. */
int grader_publish(const struct crew_work *work, const struct order *order, const char *started,
                   const struct report_item *item, struct error *err);

enum { GRADER_TIME = 32 };
void grader_time(char text[GRADER_TIME]); /* now, RFC 3339 in UTC */

#endif
