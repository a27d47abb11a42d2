/* SPDX-License-Identifier: MIT */
/* A whole run from a seed: makes the text and the parameters, trains, and measures the held-out loss. Its structs hold
 * no `real`, so a run in float32 and one in float64 are asked for in the same words. Traces for data sets are made by
 * it, and tests compare runs by it. */
#ifndef REFERENCE_EXPERIMENT_H
#define REFERENCE_EXPERIMENT_H

#include "reference/corpus.h"
#include "reference/faults.h"
#include "reference/real.h"
#include "reference/train.h"

struct experiment {
    struct train_config config;
    struct corpus corpus; /* its vocab is the model's */
    uint64_t seed;        /* of the first parameters */
    size_t tokens;        /* of each shard's text */
    size_t steps, held_out_windows;
    double loss_scale;
    struct fault fault[FAULTS_MAX];
    size_t faults;
};

/* What comes out. loss[steps] and record[steps] may be NULL. */
struct outcome {
    double *loss;
    struct step_record *record;
    double held_out, floor; /* floor: the entropy of the held-out text */
};

#define experiment_defaults REAL_FN(experiment_defaults)
#define experiment_fault    REAL_FN(experiment_fault)
#define experiment_run      REAL_FN(experiment_run)

/* train_defaults(), 300 steps, 40000 tokens a shard, 64 held-out windows, everything from the one seed. */
struct experiment experiment_defaults(uint64_t seed);

/* Prepares the run for this fault and, if `inject`, adds it; the clean twin is the same without. */
void experiment_fault(struct experiment *experiment, const struct fault *fault, bool inject);

/* Returns 0, or -1 when there is no memory or the text has no window. */
int experiment_run(const struct experiment *experiment, struct outcome *outcome);

#endif
