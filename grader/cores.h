/* SPDX-License-Identifier: MIT */
/* Which cores the two sides of a measurement run on, and the state of the caches they find. */
#ifndef GRADER_CORES_H
#define GRADER_CORES_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

struct cores {
    cpu_set_t before; /* of the caller, put back by cores_release */
    int worker;       /* where both workers are pinned; -1 when they may use several cores */
    int grader;       /* where the grader waits; the same as `worker` on a one-core machine */
    bool held;
};

/* Chooses the last usable core for the workers and pins the caller to another. threads > 1: nobody is pinned. */
void cores_take(struct cores *cores, unsigned threads);
void cores_release(struct cores *cores);

/* Where the caller may (root), it and all that it starts from now on go before other work on this machine; a
 * measurement is short, and this keeps a busy machine from turning it into noise. Returns what cores_calm needs to put
 * back. */
int cores_hurry(void);
void cores_calm(int before);

/* While the grader writes inputs that shall be warm it stands on the worker's core (which costs the worker nothing: it
 * is parked), then goes back. */
void cores_visit_worker(const struct cores *cores);
void cores_go_home(const struct cores *cores);

/* Evicts the range from every cache. */
void cores_flush(const void *bytes, size_t size);
/* Reads the range, so that it is in the caches of this core as far as it fits. */
void cores_touch(const void *bytes, size_t size);

#endif
