/* SPDX-License-Identifier: MIT */
/* One timed case while it is measured: two workers, their memories, and the pairs taken so far. Private to the
 * corridor. */
#ifndef GRADER_LAP_H
#define GRADER_LAP_H

#include "grader/cores.h"
#include "grader/grading.h"

enum { LAP_PAIRS_MAX = 240, LAP_FAMILIES_MAX = TIMING_FAMILIES_MAX };

enum lap_which { LAP_CANDIDATE, LAP_BASELINE, LAP_SIDES };

struct lap_side { /* candidate or baseline */
    struct arena arena;
    struct run *run;
    size_t function_index;
};

struct lap_slot { /* one call of a GO: its content and a copy of what the candidate made of it */
    struct trial trial;
    struct snapshot got;
};

struct lap_bounds { /* of the outputs of one family, from the ensemble on its first content */
    bool known;
    struct compare_bound output[SPEC_ARGUMENTS_MAX];
};

struct lap { /* one timed case */
    struct grading *g;
    const struct spec_timing *timing;
    struct grade_timing *result;
    struct oracle *oracle;
    struct cores cores;
    struct memory inputs, outputs[LAP_SIDES];
    bool swapped; /* the candidate writes to outputs[1] in this round */
    struct lap_side side[LAP_SIDES];
    struct layout layout;
    uint64_t layout_serial;
    size_t calls;          /* per GO, one slot each */
    size_t lengthened;     /* how often that was found too few */
    struct lap_slot *slot; /* kept between pairs, so that no page is faulted in twice */
    struct lap_bounds family[LAP_FAMILIES_MAX];
    size_t pair_count;
    struct timing_pair pair[LAP_PAIRS_MAX];
    int64_t deadline_ns;
};

/* Memories and a fresh worker for each side, with `calls` calls a GO. */
int lap_open(struct lap *lap, size_t calls, struct error *err);
void lap_close(struct lap *lap);

/* Fresh processes, and the sides change their output memories: which physical pages a buffer got is luck that was seen
 * to move a bandwidth-bound ratio by a fifth, and taking turns cancels it. What a side finds in the other's memory is
 * the answer to contents that never come again, under fresh poison. */
int lap_next_round(struct lap *lap, struct error *err);

/* Families that the contents rotate through. */
size_t lap_families(const struct lap *lap);

/* One pair on contents never seen before, in the order A B or B A; then every output of the candidate is checked. What
 * is wrong with the candidate goes to lap->result. */
int lap_take_pair(struct lap *lap, struct timing_pair *pair, struct error *err);

#endif
