/* SPDX-License-Identifier: MIT */
/* The table of a run: a few words about each result, kept until all are in, so that memory does not grow with what the
 * results themselves hold. */
#ifndef HARNESS_TALLY_H
#define HARNESS_TALLY_H

#include "harness/result/result.h"
#include "harness/screen.h"

struct tally_row {
    char *who, *task, *challenge, *where;
    double points, max_points, ratio; /* NaN: none */
    enum verdict verdict;
    size_t machine;
};

struct tally {
    size_t count, accepted;
    struct tally_row *row;
    size_t machine_count;
    char **machine; /* CPU, cores and sandbox level: what timings hang on */
    int exit;       /* the largest of all */
};

void tally_add(struct tally *tally, const char *person, const char *task, const struct result *result);
/* One table for each challenge, the most points first. Timings of different machines are marked, and it is said. */
void tally_print(struct tally *tally, const struct screen *screen);
void tally_release(struct tally *tally);

/* "case 10 odd_tail, attention.c:41", "attention.c:3:52 ...", "n2048 0.80x, needs 1.00x": where a result was decided,
 * "" when it was accepted. The caller frees. */
char *tally_where(const struct result *result);

/* The exit code of one result in a run of many. A file that cannot be graded at all is its author's fault here, not a
 * mistake on the command line. */
int tally_exit(const struct result *result);

/* "passed", "wrong answer": as a table has it. The caller frees. */
char *tally_verdict(enum verdict verdict);

#endif
