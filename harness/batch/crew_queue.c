/* SPDX-License-Identifier: MIT */
/* See crew_queue.h. */
#include "harness/batch/crew_queue.h"

#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"

/* By challenge, and within one as the plan has them. */
static int compare_tasks(const void *a, const void *b, void *context) {
    const struct plan *plan = context;
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    const int order = strcmp(plan->task[left].challenge, plan->task[right].challenge);
    return order != 0 ? order : (left > right) - (left < right);
}

void queue_open(struct queue *queue, const struct plan *plan, const bool *wanted) {
    *queue = (struct queue){.order = heap_zeroed(plan->count, sizeof queue->order[0])};
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (wanted[i])
            queue->order[count++] = i;
    qsort_r(queue->order, count, sizeof queue->order[0], compare_tasks, (void *)plan);
    for (size_t i = 0; i < count; i++) {
        const bool first =
            i == 0 || strcmp(plan->task[queue->order[i]].challenge, plan->task[queue->order[i - 1]].challenge) != 0;
        if (first) {
            queue->group = heap_resize(queue->group, queue->group_count + 1, sizeof queue->group[0]);
            queue->group[queue->group_count++] = (struct queue_group){.next = i};
        }
        queue->group[queue->group_count - 1].end = i + 1;
    }
}

void queue_close(struct queue *queue) {
    free(queue->order);
    free(queue->group);
    free(queue->again);
    *queue = (struct queue){0};
}

static size_t left_in(const struct queue_group *group) {
    return group->end - group->next;
}

/* The group with the most tasks for each of its graders, this one included. */
static size_t choose_group(const struct queue *queue) {
    size_t best = QUEUE_NO_GROUP;
    for (size_t i = 0; i < queue->group_count; i++) {
        const struct queue_group *group = &queue->group[i],
                                 *other = best < queue->group_count ? &queue->group[best] : group;
        if (left_in(group) > 0 &&
            (best == QUEUE_NO_GROUP || left_in(group) * (other->graders + 1) > left_in(other) * (group->graders + 1)))
            best = i;
    }
    return best;
}

static void enter(struct queue *queue, size_t *group, size_t to) {
    if (*group == to)
        return;
    queue_leave(queue, group);
    *group = to;
    queue->group[to].graders++;
}

bool queue_take(struct queue *queue, size_t *group, size_t *index) {
    if (queue->again_count > 0) {
        const struct queue_again again = queue->again[--queue->again_count];
        enter(queue, group, again.group);
        *index = again.index;
        return true;
    }
    size_t to = *group;
    if (to == QUEUE_NO_GROUP || left_in(&queue->group[to]) == 0)
        to = choose_group(queue);
    if (to == QUEUE_NO_GROUP)
        return false;
    enter(queue, group, to);
    *index = queue->order[queue->group[to].next++];
    return true;
}

void queue_put_back(struct queue *queue, size_t group, size_t index) {
    queue->again = heap_resize(queue->again, queue->again_count + 1, sizeof queue->again[0]);
    queue->again[queue->again_count++] = (struct queue_again){index, group};
}

void queue_leave(struct queue *queue, size_t *group) {
    if (*group != QUEUE_NO_GROUP)
        queue->group[*group].graders--;
    *group = QUEUE_NO_GROUP;
}
