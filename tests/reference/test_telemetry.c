/* SPDX-License-Identifier: MIT */
/* Token statistics of batches that can be counted by hand, masks, and the identities that a healthy run's records
 * satisfy. */
#define REAL_IS_DOUBLE 0
#include "reference/telemetry.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "reference/experiment.h"

START_TEST(tokens_of_a_batch) {
    struct token_history *history = calloc(1, sizeof *history);
    ck_assert_ptr_nonnull(history);
    struct step_record r = {0};
    /* Two sequences of four; the 2 at the end of the first and at the start of the second are no repetition. */
    const int32_t x[] = {0, 0, 1, 2, 2, 2, 1, 3}, y[] = {0, 1, 2, 3, 2, 1, 3, 0};
    telemetry_tokens(history, 4, 2, 4, x, y, 1, &r);
    double entropy = -(.25 * log(.25) * 2 + .375 * log(.375) + .125 * log(.125));
    ck_assert_float_eq_tol(r.tok_entropy[1], (float)entropy, 1e-6f);
    ck_assert_float_eq_tol(r.tok_kl[1], (float)(log(4) - entropy), 1e-6f); /* nothing known yet: uniform */
    ck_assert_float_eq(r.tok_distinct[1], 4);
    ck_assert_float_eq(r.rep_frac[1], .25f);
    ck_assert_float_eq(r.bigram_novel[1], 1);
    ck_assert_float_eq(r.tok_entropy[0], 0);

    /* The unigram waits for the end of the step; the bigrams do not. */
    telemetry_tokens(history, 4, 2, 4, x, y, 0, &r);
    ck_assert_float_eq(r.tok_kl[0], r.tok_kl[1]);
    ck_assert_float_eq(r.bigram_novel[0], 0);
    telemetry_step_end(history, 4);
    const int32_t ones[] = {1, 1}, zeros[] = {0, 1};
    telemetry_tokens(history, 4, 1, 2, ones, zeros, 0, &r);
    ck_assert_float_eq_tol(r.tok_kl[0], (float)log(1 / (5.0 / 20)), 1e-6f);
    ck_assert_float_eq(r.tok_entropy[0], 0);
    ck_assert_float_eq(r.rep_frac[0], .5f);
    ck_assert_float_eq(r.bigram_novel[0], 1);
    free(history);
}
END_TEST

START_TEST(masks_hide_their_fields) {
    struct step_record full, r;
    memset(&full, 0x11, sizeof full);
    uint32_t all_bits[] = {TELEMETRY_BASIC,  TELEMETRY_SHARD, TELEMETRY_GROUP,
                           TELEMETRY_UPDATE, TELEMETRY_DATA,  TELEMETRY_CRC};
    for (size_t k = 0; k < 6; k++) {
        r = full;
        telemetry_mask(&r, TELEMETRY_ALL & ~all_bits[k]);
        ck_assert_uint_eq(r.have, TELEMETRY_ALL & ~all_bits[k]);
        ck_assert_int_eq(r.grad_norm == 0, all_bits[k] == TELEMETRY_BASIC);
        ck_assert_int_eq(r.shard_gn[7][7] == 0, all_bits[k] == TELEMETRY_SHARD);
        ck_assert_int_eq(r.gn[0] == 0, all_bits[k] == TELEMETRY_GROUP);
        ck_assert_int_eq(r.dw[3] == 0, all_bits[k] == TELEMETRY_UPDATE);
        ck_assert_int_eq(r.rep_frac[5] == 0, all_bits[k] == TELEMETRY_DATA);
        ck_assert_int_eq(r.crc_param[7][0] == 0, all_bits[k] == TELEMETRY_CRC);
        ck_assert(r.loss != 0 && r.lr != 0 && r.step != 0 && r.n_shards != 0);
    }
    r = full;
    telemetry_mask(&r, 0);
    struct step_record rest = {
        .step = full.step, .n_shards = full.n_shards, .n_groups = full.n_groups, .loss = full.loss, .lr = full.lr};
    ck_assert_mem_eq(&r, &rest, sizeof r);
}
END_TEST

static double norm_of(const float *group, int32_t groups) {
    double sum = 0;
    for (int32_t g = 0; g < groups; g++)
        sum += (double)group[g] * (double)group[g];
    return sqrt(sum);
}

static void check_record(const struct step_record *r, const struct experiment *e) {
    double mean_loss = 0;
    ck_assert_int_eq(r->n_shards, 3);
    ck_assert_int_eq(r->n_groups, 4);
    ck_assert_double_eq_tol(norm_of(r->gn, 4), (double)r->grad_norm, 1e-5 * (double)r->grad_norm);
    ck_assert_double_eq_tol((double)r->clip_coef, fmin(1, e->config.clip / (double)r->grad_norm), 1e-6);
    for (int32_t g = 0; g < 4; g++) {
        double mean = 0;
        for (int32_t s = 0; s < 3; s++)
            mean += (double)r->shard_gn[s][g] / 3;
        ck_assert_double_le((double)r->gn[g], mean * (1 + 1e-6));
        ck_assert_double_eq_tol((double)r->dw[g] / (double)r->un[g], 1, 1e-4);
        ck_assert(r->pn[g] > 0 && r->act_max[g] > 0);
    }
    for (int32_t s = 0; s < 3; s++) {
        mean_loss += (double)r->shard_loss[s] / 3;
        ck_assert_double_eq_tol(norm_of(r->shard_gn[s], 4), (double)r->shard_gnorm[s], 1e-5);
        ck_assert_mem_eq(r->crc_param[s], r->crc_param[0], sizeof r->crc_param[s]);
        ck_assert(r->tok_entropy[s] > 1 && r->tok_distinct[s] > 5 && r->tok_kl[s] > 0);
    }
    ck_assert_mem_eq(r->crc_sent, r->crc_recv, sizeof r->crc_sent);
    ck_assert_uint_ne(r->crc_sent[0][1], r->crc_sent[1][1]);
    ck_assert_double_eq_tol((double)r->loss, mean_loss, 1e-5);
    ck_assert_float_eq(r->shard_loss[3], 0);
    ck_assert_float_eq(r->gn[4], 0);
    ck_assert(r->logit_max > 0 && r->skipped == 0 && r->nonfinite == 0 && r->have == TELEMETRY_ALL);
}

START_TEST(identities_of_a_run) {
    enum { STEPS = 25 };
    static struct step_record record[STEPS];
    struct experiment e = experiment_defaults(1);
    e.config.dims = (struct gpt_dims){32, 8, 8, 2, 2, 16, true};
    e.config.shards = 3;
    e.config.schedule.warmup = 4;
    e.corpus.vocab = 32;
    e.steps = STEPS;
    e.tokens = 3000;
    struct outcome o = {.record = record};
    ck_assert_int_eq(experiment_run(&e, &o), 0);
    for (int i = 0; i < STEPS; i++) {
        ck_assert_int_eq(record[i].step, i);
        check_record(&record[i], &e);
        ck_assert(i == 0 || record[i].crc_param[0][1] != record[i - 1].crc_param[0][1]);
    }
    /* Adam's first update is the rate in every element; decay adds a little. */
    double parameters = (double)gpt_parameter_count(&e.config.dims);
    ck_assert_double_eq_tol(norm_of(record[0].un, 4) / ((double)record[0].lr * sqrt(parameters)), 1, .02);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("telemetry");
    TCase *all = tcase_create("all");
    tcase_add_test(all, tokens_of_a_batch);
    tcase_add_test(all, masks_hide_their_fields);
    tcase_add_test(all, identities_of_a_run);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
