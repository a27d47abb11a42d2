/* SPDX-License-Identifier: MIT */
/* What a fault did, measured against its clean twin: used by the tests of the faults, in float32. */
#ifndef TESTS_REFERENCE_FAULT_EFFECT_H
#define TESTS_REFERENCE_FAULT_EFFECT_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/experiment.h"

enum effect {
    EFFECT_DEVIATION,  /* largest |loss - twin's loss| */
    EFFECT_SPIKE,      /* largest loss - twin's loss */
    EFFECT_HELD_OUT,   /* held-out loss less the twin's */
    EFFECT_FIRST,      /* first step whose record differs from the twin's in any bit; -1: none */
    EFFECT_NAN,        /* steps whose loss is not finite */
    EFFECT_CHECKSUM,   /* steps on which a bucket arrived with another checksum */
    EFFECT_REPLICA,    /* steps on which replicas' parameters differ */
    EFFECT_TRIANGLE,   /* largest norm of an averaged bucket over the mean of the shards' norms: <= 1 by the triangle
                          inequality, unless something happened on the way or after */
    EFFECT_RATE,       /* largest rate over the twin's */
    EFFECT_FIRST_MOVE, /* norm of the first update over rate*sqrt(parameters): 1 for Adam */
    EFFECT_STORED,     /* largest relative difference between intended and stored change */
    EFFECT_JUMP,       /* largest growth of the update's norm from a step to the next */
    EFFECT_SKIPPED,    /* skipped steps */
    EFFECT_TOKENS,     /* largest change of a batch's unigram entropy against the twin's */
    EFFECT_NOVEL,      /* largest change of the share of new bigrams */
    EFFECT_SHARD,      /* largest gap between one shard's gradient norm and the twin's, as a ratio */
    EFFECTS
};

static double total_norm(const float *by_group) {
    double sum = 0;
    for (size_t g = 0; g < TELEMETRY_GROUPS; g++)
        sum += (double)by_group[g] * (double)by_group[g];
    return sqrt(sum);
}

static void raise_to(double *highest, double value) {
    if (value > *highest)
        *highest = value;
}

static void effect_of_shards(const struct step_record *r, const struct step_record *twin, double *effect) {
    for (int32_t g = 0; g < r->n_groups; g++) {
        double mean = 0;
        for (int32_t s = 0; s < r->n_shards; s++)
            mean += (double)r->shard_gn[s][g] / r->n_shards;
        if (r->nonfinite == 0)
            raise_to(&effect[EFFECT_TRIANGLE], (double)r->gn[g] / mean);
    }
    for (int32_t s = 0; s < r->n_shards; s++) {
        raise_to(&effect[EFFECT_TOKENS], fabs((double)r->tok_entropy[s] - (double)twin->tok_entropy[s]));
        raise_to(&effect[EFFECT_NOVEL], fabs((double)r->bigram_novel[s] - (double)twin->bigram_novel[s]));
        raise_to(&effect[EFFECT_SHARD], (double)r->shard_gnorm[s] / (double)twin->shard_gnorm[s]);
    }
    effect[EFFECT_CHECKSUM] += memcmp(r->crc_sent, r->crc_recv, sizeof r->crc_sent) != 0;
    bool differ = false;
    for (int32_t s = 1; s < r->n_shards; s++)
        differ |= memcmp(r->crc_param[s], r->crc_param[0], sizeof r->crc_param[s]) != 0;
    effect[EFFECT_REPLICA] += differ;
}

static void effect_of_update(const struct step_record *r, const struct step_record *twin, double *effect) {
    double intended = total_norm(r->un), stored = total_norm(r->dw);
    effect[EFFECT_SKIPPED] += r->skipped;
    raise_to(&effect[EFFECT_RATE], (double)r->lr / (double)twin->lr);
    if (intended > 0)
        raise_to(&effect[EFFECT_STORED], fabs(stored / intended - 1));
}

/* faulty and twin must have loss and record. */
static void effect_measure(const struct experiment *e, const struct outcome *faulty, const struct outcome *twin,
                           double *effect) {
    for (int k = 0; k < EFFECTS; k++)
        effect[k] = 0;
    effect[EFFECT_FIRST] = -1;
    for (size_t i = 0; i < e->steps; i++) {
        const struct step_record *r = &faulty->record[i], *t = &twin->record[i];
        double difference = faulty->loss[i] - twin->loss[i];
        effect[EFFECT_NAN] += !isfinite(difference);
        raise_to(&effect[EFFECT_DEVIATION], fabs(difference));
        raise_to(&effect[EFFECT_SPIKE], difference);
        if (effect[EFFECT_FIRST] < 0 && memcmp(r, t, sizeof *r) != 0)
            effect[EFFECT_FIRST] = (double)i;
        effect_of_shards(r, t, effect);
        effect_of_update(r, t, effect);
        double before = i ? total_norm(faulty->record[i - 1].un) : 0;
        if (before > 0)
            raise_to(&effect[EFFECT_JUMP], total_norm(r->un) / before);
    }
    double parameters = (double)gpt_parameter_count(&e->config.dims);
    effect[EFFECT_FIRST_MOVE] = total_norm(faulty->record[0].un) / ((double)faulty->record[0].lr * sqrt(parameters));
    effect[EFFECT_HELD_OUT] = faulty->held_out - twin->held_out;
}

static struct outcome outcome_new(size_t steps) {
    struct outcome o = {.loss = calloc(steps, sizeof(double)), .record = calloc(steps, sizeof(struct step_record))};
    ck_assert(o.loss && o.record);
    return o;
}

static void outcome_free(struct outcome *o) {
    free(o->loss);
    free(o->record);
}

#endif
