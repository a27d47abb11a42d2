/* SPDX-License-Identifier: MIT */
/* A data-parallel training run of the GPT of reference/gpt.h, all shards in one process. One step:
 *
 *   1. every shard reads its batch and computes its loss and gradient with its replica of the parameters;
 *   2. the gradients travel in buckets (in binary16 under a loss scale when fp16), and are averaged in shard order;
 *   3. a step whose averaged gradient is not finite is skipped and halves the loss scale;
 *   4. else: clip by the global norm, AdamW at the scheduled rate.
 *
 * The run is a pure function of configuration, text and state. A state is plain numbers: a copy of it taken between two
 * steps continues the run bit for bit. A plan of faults (reference/faults.h) may be laid over the steps, and telemetry
 * (reference/telemetry.h) is taken on the way when someone wants it; neither changes the clean arithmetic. */
#ifndef REFERENCE_TRAIN_H
#define REFERENCE_TRAIN_H

#include <stdbool.h>

#include "reference/adamw.h"
#include "reference/gpt.h"
#include "reference/loader.h"
#include "reference/real.h"
#include "reference/schedule.h"
#include "reference/telemetry.h"

/* Holds no `real`: both builds share it. Telemetry has room for TELEMETRY_SHARDS shards and TELEMETRY_GROUPS-2 layers;
 * a run beyond that works, and its records show the first ones. */
struct train_config {
    struct gpt_dims dims;
    size_t shards, sequences; /* sequences: per shard and step */
    struct schedule schedule;
    struct adamw adamw;
    double clip;             /* INFINITY: none */
    bool fp16;               /* gradients travel in binary16 */
    int64_t growth_interval; /* good steps after which the loss scale doubles; 0: never */
    bool plain;              /* loops without BLAS */
};

struct train_data {
    const uint8_t *corpus; /* [shards][tokens] */
    size_t tokens;         /* at least dims.time + 1 */
};

/* Everything that a run carries from one step to the next. params, m, v: [gpt_parameter_count(dims)]. */
struct train_state {
    real *params, *m, *v;
    int64_t step;    /* the next step, counted from 0 through all resumptions */
    int64_t updates; /* AdamW's count: steps that were not skipped */
    double loss_scale;
    int64_t good_steps;
};

/* What one step does beyond the data, decided before it starts. Faults may change it. */
struct train_settings {
    double rate, clip;
    struct adamw adamw;
    int64_t count;      /* AdamW's t, if this step updates */
    bool skip_overflow; /* else broken gradients go into the update */
    double backoff;     /* factor of the loss scale after an overflow */
};

struct faults;
struct train;

struct train_hooks {
    struct faults *faults; /* NULL: a clean run */
    void (*on_step)(void *context, const struct step_record *record, double loss);
    void *context;
    double *loss; /* NULL, or the loss of each step of this call */
};

#define train_defaults REAL_FN(train_defaults)
#define train_init     REAL_FN(train_init)
#define train_start    REAL_FN(train_start)
#define train_new      REAL_FN(train_new)
#define train_free     REAL_FN(train_free)
#define train_step     REAL_FN(train_step)
#define train_run      REAL_FN(train_run)
#define train_held_out REAL_FN(train_held_out)

/* The run of the debugging challenges: vocab 64, T 32, D 32, 2 layers, 2 heads, hidden 128, tied; 4 shards of 4
 * sequences; 300 steps of decay after a warm-up of 30, 1.5e-2 to 1.5e-3; AdamW .9 .95 1e-8 .1; clip 1. */
struct train_config train_defaults(void);

/* Parameters drawn from Philox: matrices with sd .02 (those that write into the residual stream, proj_w and out_w, with
 * .02/sqrt(2 layers)), gains 1, biases 0. The values are float32 ones in both builds. */
void train_init(const struct gpt_dims *dims, uint64_t seed, real *params);

/* The workspace of a run: NULL when there is no memory or the data has no window. config and data must outlive it. */
struct train *train_new(const struct train_config *config, const struct train_data *data);
void train_free(struct train *train); /* NULL is allowed */

/* Empties m and v (not params) and sets the counters for step 0 and this loss scale. */
void train_start(const struct train_config *config, double loss_scale, struct train_state *state);

/* One step; moves the state on. Returns the step's loss. record (or NULL) is filled; computing it reads only. Token
 * statistics remember the batches of this workspace's earlier steps. */
double train_step(struct train *train, struct train_state *state, struct faults *faults, struct step_record *record);

/* `steps` steps from state->step on. hooks may be NULL. Returns 0, or -1 as train_new() returns NULL. */
int train_run(const struct train_config *config, const struct train_data *data, size_t steps, struct train_state *state,
              const struct train_hooks *hooks);

/* The mean loss over the first `windows` windows of tokens[n], or all if there are fewer; NaN if there are none. */
double train_held_out(struct train *train, const real *params, const uint8_t *tokens, size_t n, size_t windows);

#endif
