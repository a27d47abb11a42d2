/* SPDX-License-Identifier: MIT */
/* What was graded, kept: SQLite in a file of the user's, or PostgreSQL where several hosts write to one store.
 *
 * The tables (harness/store/schema.c) are the same in both. A row is written in one transaction, so after a crash at
 * any moment a run is there whole or not at all, and the same result put twice is there once. */
#ifndef HARNESS_STORE_H
#define HARNESS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "grader/error.h"
#include "harness/result/result.h"

struct store;

/* `where` is a file, "postgresql://...", or NULL: HARNESS_STORE, else $XDG_STATE_HOME/harness/results.db, else
 * ~/.local/state/harness/results.db. Creates what is missing and brings an older schema up to date; a newer one is
 * refused. The password of a server comes from PGPASSFILE, ~/.pgpass or PGPASSWORD, never from the URL. A store is of
 * one process: it must not be used by a process forked after it was opened. */
int store_open(const char *where, struct store **store, struct error *err);

/* As store_open, and makes no file: a store of the user's own that is not there yet is no error, and *store is NULL. */
int store_open_old(const char *where, struct store **store, struct error *err);
void store_close(struct store *store); /* fine on NULL */

/* Where the result comes from. */
struct store_source {
    const char *run; /* id of the run; "" for one grading by itself, which gets one of its own */
    /* What a result is compared with are earlier ones of the same task: of a grading by itself, the absolute path. */
    const char *task, *person, *shard;
    const char *host;
    const char *command;        /* run or grade */
    const char *started;        /* RFC 3339, UTC */
    const char *seed_reference; /* commitment to the seed, never the seed itself */
};

/* Keeps one result with its cases and timings. *number is what `harness show-run` takes. Putting the same grading of a
 * run's task again gives the number that it has; another grading of that task (another start, file or duration) is kept
 * too, under a run of its own whose name begins with that of the run. */
int store_put(struct store *store, const struct store_source *source, const struct result *result, int64_t *number,
              struct error *err);

struct store_row { /* one line of the log */
    int64_t number;
    char *started, *run, *task, *person, *file, *challenge, *version, *sha256, *host, *cpu;
    char *command, *seed_reference, *shard, *kernel;
    char level;
    int64_t cores;
    enum verdict verdict;
    double points, max_points, ratio, ratio_low, ratio_high; /* NaN when unknown */
};

struct store_query {
    const char *challenge, *person, *file; /* NULL: any */
    int64_t before;                        /* 0, or only smaller numbers */
    size_t most;                           /* 0: all */
};

/* Newest first; rows are valid during the call. A non-zero return of `row` ends the walk. */
int store_each(struct store *store, const struct store_query *query,
               int (*row)(void *context, const struct store_row *row), void *context, struct error *err);

/* The whole result of a run. 1 found, 0 there is none, -1 error. */
int store_get(struct store *store, int64_t number, struct store_row *row, struct result *result, struct error *err);
void store_row_release(struct store_row *row);

/* How a result stands among the earlier ones of the same task, challenge and person. Only those of the same machine
 * (CPU, cores, sandbox level), challenge version and timed cases are compared in speed; what could not be compared is
 * counted. */
enum store_difference {
    STORE_SAME,
    STORE_OTHER_CPU,
    STORE_OTHER_CORES,
    STORE_OTHER_LEVEL,
    STORE_OTHER_VERSION,
    STORE_OTHER_TIMING
};
struct store_standing {
    int64_t last, best;                      /* their numbers; 0 when there is none to compare with */
    double last_change, last_low, last_high; /* speed now divided by speed then, and its interval */
    double best_change, best_low, best_high;
    int64_t elsewhere;               /* earlier timed results that are not compared */
    int64_t stranger;                /* the newest of these when it is newer than `last`, else 0 */
    enum store_difference why;       /* what differs in that one */
    int64_t most_points;             /* the number of the first result with the most points; 0 when there is none */
    double last_points, best_points; /* of any machine; NaN when there is none */
};
int store_compare(struct store *store, int64_t number, struct store_standing *standing, struct error *err);

#endif
