/* SPDX-License-Identifier: MIT */
/* One timed case while it is measured: two workers, their memories, and the pairs taken so far. Private to the
 * corridor. */
#ifndef GRADER_LAP_H
#define GRADER_LAP_H

#include "grader/cores.h"
#include "grader/grading.h"

enum { LAP_PAIRS_MAX = 240, LAP_FAMILIES_MAX = 16 };

enum lap_which { LAP_CANDIDATE, LAP_BASELINE, LAP_SIDES };

struct lap_side { /* candidate or baseline */
    struct memory outputs;
    struct arena arena;
    struct run *run;
    size_t function_index;
};

struct lap { /* one timed case */
    struct grading *g;
    const struct spec_timing *timing;
    struct grade_timing *result;
    struct cores cores;
    struct memory inputs;
    struct lap_side side[LAP_SIDES];
    struct layout layout;
    size_t calls; /* per GO */
    uint64_t layout_serial;
    uint64_t content; /* counts up: no content is ever seen twice */
    struct oracle *oracle;
    struct expectation
        family_bound[LAP_FAMILIES_MAX]; /* bounds of the full ensemble on the first content of each family */
    size_t pair_count;
    struct timing_pair pair[LAP_PAIRS_MAX];
    int64_t deadline_ns;
};

/* Memories and a fresh worker for each side, with room for `slots` calls a GO. */
int lap_open(struct lap *lap, size_t slots, struct error *err);
void lap_close(struct lap *lap);
/* Families that the contents rotate through. */
size_t lap_families(const struct lap *lap);

/* One pair on contents never seen before, in the order A B or B A; then every output of the candidate is checked. What
 * is wrong with the candidate goes to lap->result. */
int lap_take_pair(struct lap *lap, struct timing_pair *pair, struct error *err);

#endif
