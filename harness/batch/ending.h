/* SPDX-License-Identifier: MIT */
/* What a run leaves behind when all of its results are there, whether it graded them or put shards together: --json,
 * the exports, the store. The results are gone through one after the other and held together only where an export
 * needs all of them at once. */
#ifndef HARNESS_ENDING_H
#define HARNESS_ENDING_H

#include "harness/options.h"
#include "harness/result/record.h"

/* Takes one record; one that it keeps (the struct's contents) it leaves zeroed. Non-zero ends the walk. */
typedef int ending_visit_fn(void *into, struct record *record);

struct ending {
    const struct options *options;
    const char *command;        /* for the store: grade or merge */
    const char *seed_reference; /* for the store */
    /* Visits every record in the order of tasks. -1 on error, else what ended the walk. */
    int (*each)(void *context, ending_visit_fn *visit, void *into, struct error *err);
    void *context;
};

/* Before anything is graded: whether every file can be written and a store that was named opened. */
int ending_check(const struct options *options, struct error *err);

/* Returns the exit code of a failure, 0 if all is well; what failed has been said. */
int ending_write(const struct ending *ending);

/* "junit.xml, results.json", or "" when no file was asked for. The caller frees. */
char *ending_files(const struct options *options);

#endif
