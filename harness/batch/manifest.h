/* SPDX-License-Identifier: MIT */
/* Inside a merge: what the manifests of all shards say together. */
#ifndef HARNESS_MANIFEST_H
#define HARNESS_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/error.h"

struct manifest {
    char *path; /* for messages */
    char *run, *by, *commitment, *list;
    size_t index, shards, total; /* shard `index` of `shards`; tasks of the whole run */
    size_t count;
    char **task, **inputs;
};

struct manifests {
    size_t count;
    struct manifest *item;
};

struct manifest_task {
    const char *task, *inputs;
    const struct manifest *from;
};

/* Reads every shard-I-of-N.json in the folder; only that of the whole, shard 1 of 1, where it is. That there is none is
 * ERROR_USER. */
int manifests_read(const char *folder, struct manifests *all, struct error *err);
void manifests_release(struct manifests *all); /* fine on zeros */

/* Fails unless they are of one run and all of its shards. `*task` is the list of all tasks, sorted; the caller frees
 * it, and its texts live as long as the manifests. */
int manifests_join(const struct manifests *all, struct manifest_task **task, size_t *count, struct error *err);

#endif
