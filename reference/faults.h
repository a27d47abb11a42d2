/* SPDX-License-Identifier: MIT */
/* Things that go wrong in training runs, one by one, laid over the clean trainer: root causes for the debugging
 * challenges, and the families of the diagnosis challenge.
 *
 * A fault is plain data. faults_list() is the catalogue with typical numbers; faults_place() moves an entry to a random
 * step, shard and group; faults_prepare() gives the run, and its fault-free twin, what the fault presupposes, such as a
 * sorted text. The trainer calls the points below, each of which is a no-op for a NULL plan. */
#ifndef REFERENCE_FAULTS_H
#define REFERENCE_FAULTS_H

#include "reference/corpus.h"
#include "reference/real.h"
#include "reference/train.h"

/* The first six have the numbers of the diagnosis challenge; there, transport counts as hardware. */
enum fault_class { FAULT_NONE, FAULT_DATA, FAULT_LR, FAULT_HW, FAULT_OPT, FAULT_NUM, FAULT_COMM, FAULT_MODEL };

enum fault_kind {
    FAULT_HEALTHY,
    FAULT_SINGLE_TOPIC, /* legal: windows of one topic only */
    FAULT_GARBAGE_TOKENS,
    FAULT_PADDING,
    FAULT_TARGET_SHIFT,
    FAULT_NO_SHUFFLE,
    FAULT_SAME_SHARD,
    FAULT_NO_WARMUP,
    FAULT_RATE_FACTOR,
    FAULT_COSINE_OVERRUN,
    FAULT_NO_DECAY,
    FAULT_LOST_MOMENT,
    FAULT_NOT_ZEROED,
    FAULT_COUPLED_DECAY,
    FAULT_DECAY_FACTOR,
    FAULT_SWAPPED_BETAS,
    FAULT_STUCK_COUNT,
    FAULT_NO_BIAS_CORRECTION,
    FAULT_EPS,
    FAULT_GRADIENT_FACTOR,
    FAULT_NO_CLIP,
    FAULT_LATE_BUCKET,
    FAULT_STALE_SHARD,
    FAULT_FLIPPED_WEIGHT,
    FAULT_FLIPPED_GRADIENT,
    FAULT_GARBAGE_BUCKET,
    FAULT_WRONG_COMPUTE,
    FAULT_DROPPED_SHARD,
    FAULT_OVERFLOW_KEPT,
    FAULT_SCALE_UP,
    FAULT_BFLOAT_WEIGHTS,
    FAULT_UNSCALED_ATTENTION,
    FAULT_TARGET_LEAK,
    FAULT_KINDS
};

/* Where an entry is used, and what it needs. */
enum {
    FAULT_ROOT_CAUSE = 1,  /* of the debugging challenge */
    FAULT_FAMILY = 2,      /* of the diagnosis challenge: 28 of them */
    FAULT_ONE_SHARD = 4,   /* `shard` is part of the truth; else -1 */
    FAULT_ONE_GROUP = 8,   /* `group` likewise */
    FAULT_FROM_START = 16, /* there from step 0: faults_place() does not move the onset */
    FAULT_NEEDS_SORTED = 32,
    FAULT_NEEDS_FP16 = 64,
    FAULT_NEEDS_EARLY_END = 128 /* the schedule of fault and twin ends at the onset */
};

struct fault {
    const char *name, *what; /* what: one line for people */
    enum fault_class class;
    enum fault_kind kind;
    unsigned flags;
    int64_t onset, duration; /* steps onset .. onset+duration-1; duration 0: to the end */
    int32_t shard, group;    /* -1: all, or not applicable */
    double amplitude;        /* a factor or a size; its meaning is the kind's */
    uint64_t seed;           /* of what is random in it */
};

enum { FAULTS_MAX = 4 }; /* at once */

#define faults_list      REAL_FN(faults_list)
#define faults_find      REAL_FN(faults_find)
#define faults_place     REAL_FN(faults_place)
#define faults_prepare   REAL_FN(faults_prepare)
#define faults_new       REAL_FN(faults_new)
#define faults_free      REAL_FN(faults_free)
#define faults_settings  REAL_FN(faults_settings)
#define faults_window    REAL_FN(faults_window)
#define faults_batch     REAL_FN(faults_batch)
#define faults_replica   REAL_FN(faults_replica)
#define faults_model     REAL_FN(faults_model)
#define faults_computed  REAL_FN(faults_computed)
#define faults_transport REAL_FN(faults_transport)
#define faults_reduced   REAL_FN(faults_reduced)
#define faults_moments   REAL_FN(faults_moments)
#define faults_stored    REAL_FN(faults_stored)

/* The catalogue, and the entry of a name (NULL if there is none). */
const struct fault *faults_list(size_t *count);
const struct fault *faults_find(const char *name);

/* The entry at a random place: onset in first .. last (unless it is there from the start), a shard and a group where
 * they are part of it (groups: never the final normalisation, whose few gradients hide everything), its own seed. */
struct fault faults_place(const struct fault *entry, uint64_t seed, int64_t first, int64_t last,
                          const struct train_config *config);

/* What the faulty run and its clean twin both need. corpus may be NULL. */
void faults_prepare(const struct fault *fault, struct train_config *config, struct corpus *corpus, double *loss_scale);

/* A plan of `count` <= FAULTS_MAX faults for one run; several of one kind must not be combined. config and data must
 * outlive it. NULL when there is no memory. */
struct faults *faults_new(const struct fault *fault, size_t count, const struct train_config *config,
                          const struct train_data *data);
void faults_free(struct faults *faults);

/* The points, in the order in which a step passes them. The plan may be NULL in all. */
void faults_settings(struct faults *f, int64_t step, struct train_settings *settings);
/* Which window of which shard's text is read for `sample`. */
void faults_window(struct faults *f, int64_t step, uint64_t sample, size_t *shard, uint64_t *window);
/* x, y: [sequences][time] */
void faults_batch(struct faults *f, int64_t step, size_t shard, const uint64_t *window, int32_t *x, int32_t *y);
/* The parameters that the shard's replica holds, and those that its forward pass in effect computes with. */
const real *faults_replica(struct faults *f, int64_t step, size_t shard, const real *params);
const real *faults_model(struct faults *f, int64_t step, size_t shard, const real *params);
/* After the backward pass, before the checksum of what is sent. */
void faults_computed(struct faults *f, int64_t step, size_t shard, real *gradient);
/* Between the two checksums; what travels may be compressed. */
void faults_transport(struct faults *f, int64_t step, size_t shard, real *wire);
/* The averaged gradient, before anyone looks at it. */
void faults_reduced(struct faults *f, int64_t step, const real *params, real *gradient);
/* Before the update. */
void faults_moments(struct faults *f, int64_t step, size_t n, real *m, real *v);
/* After the update. */
void faults_stored(struct faults *f, int64_t step, size_t n, real *params);

#endif
