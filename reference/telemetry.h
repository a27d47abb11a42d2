/* SPDX-License-Identifier: MIT */
/* What a training run says about itself, one record per step. A record is float32 in both builds, so that a trace of
 * one is read like a trace of the other. Shards and groups beyond the run's hold zeros.
 *
 * `_gn` are norms of gradients by group, and a group is a bucket: 0 the embeddings (and the head), 1 .. L the blocks,
 * L+1 the final normalisation. Shard fields are taken before transport and without the loss scale; gn is what came out
 * of the all-reduce, before the clip. un is the norm of the update that AdamW intends, dw that of the change which the
 * stored parameters show; both are 0 on a skipped step. */
#ifndef REFERENCE_TELEMETRY_H
#define REFERENCE_TELEMETRY_H

#include "reference/corpus.h"
#include "reference/real.h"

enum { TELEMETRY_SHARDS = 8, TELEMETRY_GROUPS = 8 };

/* Bits of `have`: which groups of fields a trace shows. A hidden field is zero. */
enum {
    TELEMETRY_BASIC = 1,
    TELEMETRY_SHARD = 2,
    TELEMETRY_GROUP = 4,
    TELEMETRY_UPDATE = 8,
    TELEMETRY_DATA = 16,
    TELEMETRY_CRC = 32,
    TELEMETRY_ALL = 63
};

struct step_record {
    int32_t step, n_shards, n_groups;
    int32_t skipped;   /* 1: an overflow, nothing was updated, and clip_coef is 0 */
    int32_t nonfinite; /* elements of the reduced gradient */
    float loss, lr, grad_norm, clip_coef, loss_scale, logit_max; /* loss_scale: the one this step used */
    float shard_loss[TELEMETRY_SHARDS], shard_gnorm[TELEMETRY_SHARDS], shard_gn[TELEMETRY_SHARDS][TELEMETRY_GROUPS];
    float gn[TELEMETRY_GROUPS], pn[TELEMETRY_GROUPS]; /* pn: parameters at the start of the step */
    float un[TELEMETRY_GROUPS], dw[TELEMETRY_GROUPS];
    float act_max[TELEMETRY_GROUPS];      /* largest over the shards */
    float tok_entropy[TELEMETRY_SHARDS];  /* of the batch's unigrams, nats */
    float tok_distinct[TELEMETRY_SHARDS]; /* different tokens in the batch */
    float tok_kl[TELEMETRY_SHARDS];       /* KL(batch || all batches of earlier steps, plus one of each token) */
    float rep_frac[TELEMETRY_SHARDS];     /* share of inputs that equal the input before them */
    float bigram_novel[TELEMETRY_SHARDS]; /* share of (x, y) pairs that no earlier batch had */
    uint32_t crc_sent[TELEMETRY_SHARDS][TELEMETRY_GROUPS], crc_recv[TELEMETRY_SHARDS][TELEMETRY_GROUPS];
    uint32_t crc_param[TELEMETRY_SHARDS][TELEMETRY_GROUPS]; /* of the replica's parameters at the start of the step */
    uint32_t have;
};

/* What the token statistics remember of earlier batches. */
struct token_history {
    uint64_t count[CORPUS_VOCAB_MAX], total;
    uint64_t pending[CORPUS_VOCAB_MAX]; /* of the step that is under way */
    uint8_t seen[CORPUS_VOCAB_MAX][CORPUS_VOCAB_MAX / 8];
};

#define telemetry_tokens   REAL_FN(telemetry_tokens)
#define telemetry_step_end REAL_FN(telemetry_step_end)
#define telemetry_mask     REAL_FN(telemetry_mask)

/* The five token fields of one shard's batch: x[sequences][time] and y likewise, tokens 0 .. vocab-1. */
void telemetry_tokens(struct token_history *history, uint32_t vocab, size_t sequences, size_t time, const int32_t *x,
                      const int32_t *y, size_t shard, struct step_record *record);

/* Takes this step's batches into the running unigram. */
void telemetry_step_end(struct token_history *history, uint32_t vocab);

/* Zeroes the fields whose bits are not in `have` and sets record->have. */
void telemetry_mask(struct step_record *record, uint32_t have);

#endif
