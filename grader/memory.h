/* SPDX-License-Identifier: MIT */
/* Memory shared with a worker: a memfd whose size is sealed, mapped once by the grader.
 *
 * Inputs are sealed against every later writable mapping and reach the worker through a descriptor opened read-only:
 * either measure alone leaves a hole (an O_RDONLY descriptor can be reopened through /proc; an unsealed one can be
 * truncated, and the grader would die of SIGBUS). */
#ifndef GRADER_MEMORY_H
#define GRADER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/error.h"

struct memory {
    int fd; /* what a worker gets; -1 when closed */
    unsigned char *base;
    size_t bytes; /* whole pages */
};

#define MEMORY_INIT                                                                                                    \
    { .fd = -1, .base = NULL, .bytes = 0 }

/* At least one page. `readonly`: nobody but this mapping can ever write. */
int memory_open(struct memory *memory, const char *name, size_t bytes, bool readonly, struct error *err);
void memory_release(struct memory *memory);

size_t memory_page(void);
/* bytes rounded up to whole pages */
size_t memory_round(size_t bytes);

#endif
