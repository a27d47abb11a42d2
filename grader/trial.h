/* SPDX-License-Identifier: MIT */
/* [trial]: one case made concrete: the tensors of one call, with their values, in the grader's private memory.
 *
 * A trial holds one *content* (the values for one call index). Its arrays never enter a worker: grader/arena.h copies
 * them into the sealed memory that a worker sees. */
#ifndef GRADER_TRIAL_H
#define GRADER_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"
#include "grader/spec.h"

/* A view of one argument; sizes and scalars have rank 0 and no data. */
struct tensor {
    const char *name;
    enum dtype type;
    enum spec_role role;
    bool null; /* passed as NULL: no data, count 0 */
    size_t rank;
    const int64_t *shape; /* of the case; NULL for sizes and scalars */
    int64_t count;        /* product of the shape, may be 0 */
    size_t bytes;         /* count * dtype bytes */
    void *data;           /* inputs, inouts, secrets; NULL for outputs, measures and when count is 0 */
};

struct trial {
    const struct spec *spec;
    const struct spec_case *c;
    const struct spec_entry *entry;
    uint64_t seed, call;
    size_t tensor_count; /* == entry->argument_count */
    struct tensor tensor[SPEC_ARGUMENTS_MAX];
    void *storage; /* one mapping behind all data */
    size_t storage_bytes;
};

/* Lays out and allocates; values are not set. On error *trial is released. */
int trial_init(struct trial *trial, const struct spec *spec, const struct spec_case *c, struct error *err);

/* Sets the values of every input and inout for this seed and call index. Streams are keyed by the case's name, so
 * adding a case changes no other. A pack's `generate` is not run here (grader/oracle.h does). */
void trial_fill(struct trial *trial, uint64_t seed, uint64_t call);

/* The call of one stage of the trial's case: *view shows the leading parts of the same arrays and owns nothing. A
 * carried input has no data there but in the first stage: the caller knows what the stage before gave. */
void trial_stage(const struct trial *full, size_t stage, struct trial *view);

void trial_release(struct trial *trial);

#endif
