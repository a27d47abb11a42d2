/* SPDX-License-Identifier: MIT */
/* All programs at all places: which of them are graded where, by which processes, and what came of each. */
#ifndef TESTS_HOSTILE_HUNT_H
#define TESTS_HOSTILE_HUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/hostile/place.h"
#include "tests/hostile/program.h"

enum cell_state {
    CELL_WAITING,      /* not graded yet */
    CELL_ABSENT,       /* the machine does not offer this place */
    CELL_NOT_PROMISED, /* nothing is said about this program here */
    CELL_REFUSED,      /* the default refuses to grade here, which is checked once for each place */
    CELL_RUNNING,
    CELL_GRADED
};

struct cell { /* a program at a place */
    enum cell_state state;
    enum verdict verdict;
    bool measured;  /* its speed, too */
    bool retried;   /* the machine was too busy for a verdict at first */
    bool undecided; /* and too noisy to time it in the end: no promise is broken by that, and none is kept */
    double ratio;
    int64_t wall_ns;
    char why[600]; /* it is not as promised; empty if it is */
};

struct hunt {
    struct program *program;
    size_t program_count;
    struct place place[PLACES];
    const char *stage; /* the folder in which everything happens; anybody can read it */
    const char *only_place;
    unsigned jobs;
    double deadline_s;
    bool verbose, untimed;
    struct cell *cell;   /* shared: PLACES rows, in each the programs and last the demand for a higher level */
    atomic_size_t *next; /* shared: of the cells */
    int64_t wall_ns;
};

struct cell *hunt_cell(const struct hunt *hunt, size_t place, size_t program);
bool hunt_measures(const struct hunt *hunt, const struct place *place, const struct program *program);

/* Decides for each cell whether there is something to grade. */
int hunt_plan(struct hunt *hunt, struct error *err);

/* The results are shared with the shards and with nothing that those start. */
void hunt_keep_results(const struct hunt *hunt);

/* Grades; afterwards no cell waits. */
void hunt_run(struct hunt *hunt);

/* One process's share, in shard.c: takes cells of this kind until none is left; ends the process. */
_Noreturn void shard_run(const struct hunt *hunt, enum place_kind kind, unsigned number, bool measured);

#endif
