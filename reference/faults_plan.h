/* SPDX-License-Identifier: MIT */
/* Inside reference/faults*.c: a plan of faults, and what a kind of fault may do at each point of a step. */
#ifndef REFERENCE_FAULTS_PLAN_H
#define REFERENCE_FAULTS_PLAN_H

#include "reference/faults.h"

/* One fault of a run, with what it remembers. */
struct fault_slot {
    struct fault fault;
    real *kept; /* [parameters] or [shards][parameters]: older gradients, or a replica's parameters */
    size_t element;
    double held, last; /* the replica's own value of a flipped weight, and the others' */
    bool flipped;
};

struct faults {
    const struct train_config *config;
    const struct train_data *data;
    struct loader loader;
    size_t n, tensors, count;
    struct gpt_tensor *tensor;
    struct fault_slot slot[FAULTS_MAX];
};

/* Where a step is when a handler is called. */
struct fault_at {
    const struct faults *plan;
    struct fault_slot *slot;
    const struct fault *fault; /* slot->fault */
    int64_t step;
    size_t shard;
    bool before; /* the step before the onset, which only kinds with `early` see: nothing may change yet */
};

/* What a kind does; NULL where it does nothing. The points are those of reference/faults.h. */
struct fault_handlers {
    void (*settings)(const struct fault_at *at, struct train_settings *settings);
    void (*window)(const struct fault_at *at, uint64_t sample, size_t *shard, uint64_t *window);
    void (*batch)(const struct fault_at *at, const uint64_t *window, int32_t *x, int32_t *y);
    const real *(*replica)(const struct fault_at *at, const real *params);
    const real *(*model)(const struct fault_at *at, const real *params);
    void (*computed)(const struct fault_at *at, real *gradient);
    void (*transport)(const struct fault_at *at, real *wire);
    void (*reduced)(const struct fault_at *at, const real *params, real *gradient);
    void (*moments)(const struct fault_at *at, size_t n, real *m, real *v);
    void (*stored)(const struct fault_at *at, size_t n, real *params);
    bool early;
    enum fault_keeps { KEEPS_NOTHING, KEEPS_ONE, KEEPS_ONE_PER_SHARD } keeps; /* the size of slot->kept */
};

#define faults_of_data     REAL_FN(faults_of_data)
#define faults_of_update   REAL_FN(faults_of_update)
#define faults_of_hardware REAL_FN(faults_of_hardware)

/* The handlers of a kind, or NULL if the kind is not of that file. */
const struct fault_handlers *faults_of_data(enum fault_kind kind);
const struct fault_handlers *faults_of_update(enum fault_kind kind);
const struct fault_handlers *faults_of_hardware(enum fault_kind kind);

#endif
