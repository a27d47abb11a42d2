/* SPDX-License-Identifier: MIT */
/* Token statistics of a batch and the hiding of fields. What concerns gradients is measured where they are
 * (reference/train.c). */
#include "reference/telemetry.h"

#include <string.h>

static void unigram_fields(const struct token_history *history, uint32_t vocab, const uint32_t *count, size_t total,
                           size_t shard, struct step_record *record) {
    double entropy = 0, divergence = 0, distinct = 0;
    for (uint32_t v = 0; v < vocab; v++) {
        if (!count[v])
            continue;
        double p = (double)count[v] / (double)total;
        double q = (double)(history->count[v] + 1) / (double)(history->total + vocab);
        entropy -= p * log(p);
        divergence += p * log(p / q);
        distinct++;
    }
    record->tok_entropy[shard] = (float)entropy;
    record->tok_kl[shard] = (float)divergence;
    record->tok_distinct[shard] = (float)distinct;
}

void telemetry_tokens(struct token_history *history, uint32_t vocab, size_t sequences, size_t time, const int32_t *x,
                      const int32_t *y, size_t shard, struct step_record *record) {
    uint32_t count[CORPUS_VOCAB_MAX] = {0};
    size_t total = sequences * time, repeated = 0, novel = 0;
    if (!total || shard >= TELEMETRY_SHARDS)
        return;
    for (size_t i = 0; i < total; i++) {
        count[x[i]]++;
        repeated += i % time && x[i] == x[i - 1];
        novel += !(history->seen[x[i]][y[i] / 8] >> (y[i] % 8) & 1);
    }
    for (size_t i = 0; i < total; i++)
        history->seen[x[i]][y[i] / 8] |= (uint8_t)(1 << (y[i] % 8));
    for (uint32_t v = 0; v < vocab; v++)
        history->pending[v] += count[v];
    unigram_fields(history, vocab, count, total, shard, record);
    record->rep_frac[shard] = (float)((double)repeated / (double)total);
    record->bigram_novel[shard] = (float)((double)novel / (double)total);
}

void telemetry_step_end(struct token_history *history, uint32_t vocab) {
    for (uint32_t v = 0; v < vocab; v++) {
        history->count[v] += history->pending[v];
        history->total += history->pending[v];
        history->pending[v] = 0;
    }
}

#define FIELD(bit, name)                                                                                               \
    { bit, offsetof(struct step_record, name), sizeof((struct step_record *)NULL)->name }

/* step, n_shards, n_groups, loss and lr are always there. */
static const struct {
    uint32_t bit;
    size_t offset, bytes;
} fields[] = {
    FIELD(TELEMETRY_BASIC, skipped),     FIELD(TELEMETRY_BASIC, nonfinite),   FIELD(TELEMETRY_BASIC, grad_norm),
    FIELD(TELEMETRY_BASIC, clip_coef),   FIELD(TELEMETRY_BASIC, loss_scale),  FIELD(TELEMETRY_BASIC, logit_max),
    FIELD(TELEMETRY_SHARD, shard_loss),  FIELD(TELEMETRY_SHARD, shard_gnorm), FIELD(TELEMETRY_SHARD, shard_gn),
    FIELD(TELEMETRY_GROUP, gn),          FIELD(TELEMETRY_GROUP, pn),          FIELD(TELEMETRY_GROUP, act_max),
    FIELD(TELEMETRY_UPDATE, un),         FIELD(TELEMETRY_UPDATE, dw),         FIELD(TELEMETRY_DATA, tok_entropy),
    FIELD(TELEMETRY_DATA, tok_distinct), FIELD(TELEMETRY_DATA, tok_kl),       FIELD(TELEMETRY_DATA, rep_frac),
    FIELD(TELEMETRY_DATA, bigram_novel), FIELD(TELEMETRY_CRC, crc_sent),      FIELD(TELEMETRY_CRC, crc_recv),
    FIELD(TELEMETRY_CRC, crc_param),
};

void telemetry_mask(struct step_record *record, uint32_t have) {
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (!(have & fields[i].bit))
            memset((char *)record + fields[i].offset, 0, fields[i].bytes);
    record->have = have;
}
