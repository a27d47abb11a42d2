/* SPDX-License-Identifier: MIT */
/* Results and stores for the tests of the store, which run against SQLite and, when HARNESS_TEST_STORE is the URL of a
 * server, against PostgreSQL. */
#ifndef TESTS_STORE_SAMPLE_H
#define TESTS_STORE_SAMPLE_H

#include <stdbool.h>

#include "harness/store/store.h"

struct sample {
    const char *file, *challenge, *version, *verdict, *cpu, *level,
        *timed; /* name of the timed case, NULL: not timed */
    int cores;
    double ratio, half; /* the interval is ratio / half .. ratio * half */
    double points;
};

/* A passed run at 2x [1.96, 2.04]. */
extern const struct sample SAMPLE;

void sample_result(const struct sample *sample, struct result *result);

/* A store with nothing in it: a file in a scratch folder, or the server's tables dropped. */
void sample_store_new(void);
const char *sample_place(void);
bool sample_is_server(void);
struct store *sample_store_open(void);
void sample_store_remove(void);

/* Puts a result as the next run of `task` and gives its number. */
int64_t sample_put(struct store *store, const char *run, const char *task, const struct sample *sample);

/* One number that a query gives, read without the code under test. */
int64_t sample_count(const char *sql);

#endif
