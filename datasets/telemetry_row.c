/* SPDX-License-Identifier: MIT */
#include "datasets/telemetry_row.h"

#include <assert.h>
#include <string.h>

/* One NaN in the file: which one an operation gives is the compiler's choice. */
static float canonical(float x) {
    return isnan(x) ? NAN : x;
}

static float *put(float *out, const float *value, size_t count) {
    for (size_t i = 0; i < count; i++)
        *out++ = canonical(value[i]);
    return out;
}

static void store_columns(const struct step_record *r, float *out) {
    const float *begin = out;
    const float head[] = {(float)r->skipped, (float)r->nonfinite, r->loss,       r->lr,
                          r->grad_norm,      r->clip_coef,        r->loss_scale, r->logit_max};
    const float *const by_group[] = {r->gn, r->pn, r->un, r->dw, r->act_max};
    const float *const by_shard[] = {r->tok_entropy, r->tok_distinct, r->tok_kl, r->rep_frac, r->bigram_novel};
    out = put(out, head, sizeof head / sizeof head[0]);
    out = put(out, r->shard_loss, RUN_SHARDS);
    out = put(out, r->shard_gnorm, RUN_SHARDS);
    for (size_t s = 0; s < RUN_SHARDS; s++)
        out = put(out, r->shard_gn[s], RUN_GROUPS);
    for (size_t i = 0; i < sizeof by_group / sizeof by_group[0]; i++)
        out = put(out, by_group[i], RUN_GROUPS);
    for (size_t i = 0; i < sizeof by_shard / sizeof by_shard[0]; i++)
        out = put(out, by_shard[i], RUN_SHARDS);
    assert(out - begin == RUN_COLUMNS);
    (void)begin;
}

static void store_checksums(const struct step_record *r, int32_t out[CRC_KINDS][RUN_SHARDS][RUN_GROUPS]) {
    for (size_t s = 0; s < RUN_SHARDS; s++) {
        memcpy(out[CRC_SENT][s], r->crc_sent[s], sizeof out[0][0]);
        memcpy(out[CRC_RECEIVED][s], r->crc_recv[s], sizeof out[0][0]);
        memcpy(out[CRC_PARAMETERS][s], r->crc_param[s], sizeof out[0][0]);
    }
}

void row_store(const struct step_record *record, struct run_row *row, int32_t step) {
    store_columns(record, row->record[step]);
    store_checksums(record, row->crc[step]);
}

static bool floats_differ(float a, float b) {
    if (isnan(a) || isnan(b))
        return isnan(a) != isnan(b);
    if (isinf(a) || isinf(b))
        return a != b;
    double larger = fabs((double)a) > fabs((double)b) ? fabs((double)a) : fabs((double)b);
    return fabs((double)a - (double)b) > 1e-6 * larger;
}

bool row_records_differ(const struct step_record *a, const struct step_record *b) {
    float left[RUN_COLUMNS], right[RUN_COLUMNS];
    int32_t left_crc[CRC_KINDS][RUN_SHARDS][RUN_GROUPS], right_crc[CRC_KINDS][RUN_SHARDS][RUN_GROUPS];
    store_columns(a, left);
    store_columns(b, right);
    store_checksums(a, left_crc);
    store_checksums(b, right_crc);
    bool differ = memcmp(left_crc, right_crc, sizeof left_crc) != 0;
    for (size_t i = 0; i < RUN_COLUMNS; i++)
        differ = differ || floats_differ(left[i], right[i]);
    return differ;
}
