/* SPDX-License-Identifier: MIT */
/* Telemetry of training runs, and what is to be said about it. */
#ifndef DIAGNOSE_TRAINING_RUN_H
#define DIAGNOSE_TRAINING_RUN_H

#include <stdint.h>

enum { DIAGNOSE_SHARDS = 4, DIAGNOSE_GROUPS = 4, DIAGNOSE_CAUSES = 6 };

/* What can be wrong. A wire that damages gradients counts as hardware. */
enum diagnose_cause {
    DIAGNOSE_NONE,
    DIAGNOSE_DATA,      /* wrong tokens, wrong targets, wrong order */
    DIAGNOSE_RATE,      /* the learning rate is not what a schedule would say */
    DIAGNOSE_HARDWARE,  /* memory, arithmetic or transport of one shard */
    DIAGNOSE_OPTIMISER, /* AdamW, its state, its decay, or the gradients that are handed to it */
    DIAGNOSE_NUMBERS    /* number formats: overflow, loss scale, storage */
};

/* The columns of a record. Where a field has one value for each shard s or group g (or both), the name is that of the
 * first, and the others follow. Group 0 is the embeddings (768 parameters, tied with the head), 1 and 2 are the two
 * blocks (3280 each), 3 is the final normalisation (32). Norms are Euclidean. In a broken run a field may be infinite
 * or NaN. */
enum diagnose_field {
    DIAGNOSE_SKIPPED,           /* 1: the gradient overflowed, and nothing was updated */
    DIAGNOSE_NONFINITE,         /* elements of the averaged gradient that are infinite or NaN */
    DIAGNOSE_LOSS,              /* mean over the shards, nats per token */
    DIAGNOSE_LR,                /* the learning rate that this step used */
    DIAGNOSE_GRAD_NORM,         /* of the averaged gradient, before the clip at 1 */
    DIAGNOSE_CLIP,              /* the factor by which the clip shrank the gradient; 0 on a skipped step */
    DIAGNOSE_LOSS_SCALE,        /* gradients were multiplied by it before they were rounded to binary16; 1: they were
                                   not rounded at all */
    DIAGNOSE_LOGIT_MAX,         /* largest magnitude of a logit */
    DIAGNOSE_SHARD_LOSS = 8,    /* [s] */
    DIAGNOSE_SHARD_GNORM = 12,  /* [s] norm of the shard's gradient, before transport */
    DIAGNOSE_SHARD_GN = 16,     /* [s][g] its parts, at 16 + 4*s + g */
    DIAGNOSE_GN = 32,           /* [g] norm of the averaged gradient: what came out of the all-reduce */
    DIAGNOSE_PN = 36,           /* [g] norm of the parameters at the start of the step */
    DIAGNOSE_UN = 40,           /* [g] norm of the update that AdamW intends (0 on a skipped step) */
    DIAGNOSE_DW = 44,           /* [g] norm of the change that the stored parameters show (0 on a skipped step) */
    DIAGNOSE_ACT_MAX = 48,      /* [g] largest activation of any shard */
    DIAGNOSE_TOK_ENTROPY = 52,  /* [s] of the batch's unigrams, nats; a batch of a shard is 2 sequences of 16 tokens */
    DIAGNOSE_TOK_DISTINCT = 56, /* [s] different tokens in the batch, of 32 that there are */
    DIAGNOSE_TOK_KL = 60,       /* [s] KL(unigrams of the batch || those of all earlier batches) */
    DIAGNOSE_REP_FRAC = 64,     /* [s] share of tokens that equal the token before them */
    DIAGNOSE_BIGRAM_NOVEL = 68, /* [s] share of pairs (input, target) that no earlier batch of the run had */
    DIAGNOSE_FIELDS = 72
};

/* The kinds of checksum. Only equality means anything: each run has a hash of its own. */
enum diagnose_crc {
    DIAGNOSE_CRC_SENT,     /* of the bucket (the shard's gradient of a group), before transport */
    DIAGNOSE_CRC_RECEIVED, /* of what arrived */
    DIAGNOSE_CRC_PARAMS,   /* of the parameters that the shard's replica holds at the start of the step */
    DIAGNOSE_CRCS
};

struct diagnose_params {
    int32_t runs;          /* >= 0 */
    int32_t steps;         /* steps shown so far, 1 .. 512 */
    int32_t has_checksums; /* 0: crc is all zeros */
    int32_t has_updates;   /* 0: the columns of DIAGNOSE_UN and DIAGNOSE_DW are zeros */
};

/* For each run r, says what went wrong in the steps shown so far.
 *
 *   record      [steps][runs][DIAGNOSE_FIELDS]  read-only
 *   crc         [steps][runs][DIAGNOSE_CRCS][DIAGNOSE_SHARDS][DIAGNOSE_GROUPS]  read-only
 *   cause       [runs]  an enum diagnose_cause; of two faults the one that came first
 *   first_step  [runs]  0 .. steps-1, the first step that the fault changes in any field; -1 for DIAGNOSE_NONE
 *   shard       [runs]  the shard the fault is in; -1 for none or all of them
 *   group       [runs]  the group whose bucket or weights it damages; -1 for none or all of them
 *   probability [runs][DIAGNOSE_CAUSES]  of each cause, not negative, summing to 1 within 1e-4; that of `cause` is
 *               larger than each other
 *
 * It is called with the first 5 steps, with the first 10, and so on, and the later ones are not in memory yet. Each
 * answer is a function of this call's arguments alone. No pointer is NULL unless its array has no elements, and no two
 * arrays overlap. Returns 0. */
int diagnose(const struct diagnose_params *p, const float *record, const int32_t *crc, int32_t *cause,
             int32_t *first_step, int32_t *shard, int32_t *group, float *probability);

#endif
