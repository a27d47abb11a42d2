/* SPDX-License-Identifier: MIT */
/* Where the arguments of a call lie in the two memories that a worker sees (grader/memory.h).
 *
 * One argument of a call:   guard page | slot 0 | slot 1 | ... | guard page
 *                           one slot = slack, data, slack; a GO of many calls gives each call its own slot
 * Guard pages belong to the file but are PROT_NONE in the worker, so an argument's address there is the memory's base
 * plus its offset. Slack of outputs holds a canary, slack of inputs NaNs; an output's data holds poison. */
#ifndef GRADER_LAYOUT_H
#define GRADER_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/memory.h"
#include "grader/trial.h"

enum { LAYOUT_PLACES_MAX = 2 * SPEC_ARGUMENTS_MAX };

enum layout_flag {
    LAYOUT_WIDE = 1,    /* every float32 tensor is float64 (the oracle) */
    LAYOUT_GAUGES = 2,  /* a float64 gauge for each output under the gauge rule follows the arguments */
    LAYOUT_WRITABLE = 4, /* inputs lie in the writable memory (for a pack's `generate`) */
    LAYOUT_SECRETS = 8   /* secrets have a place: for the reference's workers only, never for a candidate's */
};

/* Calls alternate between these, so that no solution can rely on one alignment. */
enum layout_variant {
    LAYOUT_LEFT,    /* page-aligned, flush with the guard page before */
    LAYOUT_LEFT_64, /* 64 bytes after a page boundary */
    LAYOUT_LEFT_128,
    LAYOUT_RIGHT, /* flush with the guard page after: aligned to the element only */
    LAYOUT_VARIANTS
};

struct place {
    bool pointer;  /* false: a size or scalar, which has no memory */
    bool null;     /* passed as NULL */
    bool writable; /* lies in the outputs' memory */
    enum dtype type;
    int64_t count;
    size_t bytes;      /* of the data of one slot */
    size_t begin, end; /* the run between its guard pages, in bytes of its memory */
    size_t offset;     /* of slot 0's data */
    size_t stride;     /* between slots */
};

struct layout {
    unsigned flags;
    size_t slots;
    size_t place_count; /* arguments, then gauges */
    size_t argument_count;
    struct place place[LAYOUT_PLACES_MAX];
    size_t gauge_place[SPEC_ARGUMENTS_MAX]; /* of argument a, 0 if none */
    size_t input_bytes, output_bytes;       /* needed of the two memories */
};

void layout_make(struct layout *layout, const struct trial *trial, size_t slots, enum layout_variant variant,
                 unsigned flags);

/* For measure_<entry>: every argument has a place in one slot, each output and inout one for `stages` times its
 * elements. */
void layout_make_measure(struct layout *layout, const struct trial *trial, size_t stages, unsigned flags);

/* The two memories of one worker. */
struct arena {
    struct memory *inputs; /* may be shared by several workers */
    struct memory *outputs;
};

void *layout_data(const struct layout *layout, const struct arena *arena, size_t place, size_t slot);

/* Writes slack, canaries and guards' neighbourhood of every run for this key. Once per layout, before the first call.
 */
void layout_prepare(const struct layout *layout, const struct arena *arena, uint64_t key);

/* Copies the trial's inputs (and inouts) into the slot, widened if the layout is. */
void layout_write(const struct layout *layout, const struct arena *arena, const struct trial *trial, size_t slot);
/* Only what lies in the writable memory: inouts. For a second worker that shares the inputs. */
void layout_write_inouts(const struct layout *layout, const struct arena *arena, const struct trial *trial,
                         size_t slot);

/* Poison for one output: signalling NaNs that differ by element, key and slot. `array` has the place's type. */
void layout_poison(const struct place *place, uint64_t key, size_t slot, void *array);
/* Poisons every output and every gauge of the slot. */
void layout_poison_outputs(const struct layout *layout, const struct arena *arena, const struct trial *trial,
                           uint64_t key, size_t slot);

struct layout_damage {
    size_t place; /* which argument */
    size_t slot;
    int64_t element; /* index relative to the data, in elements: negative before it, >= count after it */
};

/* True, with the nearest damaged byte, if a canary of an output run was overwritten. */
bool layout_damaged(const struct layout *layout, const struct arena *arena, uint64_t key, struct layout_damage *damage);

#endif
