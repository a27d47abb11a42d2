/* SPDX-License-Identifier: MIT */
/* The results of a run, put together from the folders of its shards. */
#ifndef HARNESS_MERGE_H
#define HARNESS_MERGE_H

#include "harness/batch/plan.h"
#include "harness/result/record.h"

enum { MERGED_HASH = 32 };

/* One result file. Its contents are read again when they are needed, so that memory does not grow with them. */
struct merged_file {
    char *path;
    unsigned char hash[MERGED_HASH];
};

struct merged {
    char *run;
    char commitment[65]; /* to the run's seed */
    size_t shards;
    size_t count;
    struct merged_file *file; /* one for each task, sorted by task */
};

/* Fails (ERROR_USER, one sentence that names the folder or the task) unless the manifests are of one run, all N shards
 * are there and every task has exactly one valid result. Two files for one task are allowed only if they are the same
 * file in bytes. With a key (of SIGN_PUBLIC_BYTES, or NULL) every result has to be signed by it. */
int merge_folders(char *const *folder, size_t count, const unsigned char *key, struct merged *merged,
                  struct error *err);
void merge_release(struct merged *merged); /* fine on zeros */

/* Visits every record of a struct merged, in the order of tasks: see struct ending. */
int merge_each(void *merged, int (*visit)(void *into, struct record *record), void *into, struct error *err);

#endif
