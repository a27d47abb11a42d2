/* SPDX-License-Identifier: MIT */
/* Which task a grader gets next: one of the challenge that it has the reference's answers of, as long as there is one.
 */
#ifndef HARNESS_CREW_QUEUE_H
#define HARNESS_CREW_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/batch/plan.h"

struct queue_group { /* the tasks of one challenge: order[next .. end) are left */
    size_t next, end;
    unsigned graders; /* that work on it now */
};

struct queue {
    size_t *order; /* indices of tasks, by challenge */
    size_t group_count;
    struct queue_group *group;
    size_t again_count;
    struct queue_again { /* tasks whose grader died */
        size_t index, group;
    } * again;
};

#define QUEUE_NO_GROUP ((size_t)-1)

/* Of the tasks that are `wanted`, by index. */
void queue_open(struct queue *queue, const struct plan *plan, const bool *wanted);
void queue_close(struct queue *queue);

/* `group` is the grader's own, QUEUE_NO_GROUP when it has none, and may change. False when there is nothing left. */
bool queue_take(struct queue *queue, size_t *group, size_t *index);
/* The task comes up again. */
void queue_put_back(struct queue *queue, size_t group, size_t index);
/* The grader has left its group. */
void queue_leave(struct queue *queue, size_t *group);

#endif
