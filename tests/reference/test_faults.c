/* SPDX-License-Identifier: MIT */
/* The catalogue and the plan in runs of a tiny model: every fault leaves a mark, none before its onset, and each acts
 * where it says. What faults do to a whole run is in test_faults_table.c. */
#define REAL_IS_DOUBLE 0
#include "tests/reference/fault_effect.h"

enum { STEPS = 60, ONSET = 30 };

static struct experiment tiny(void) {
    struct experiment e = experiment_defaults(2);
    e.config.dims = (struct gpt_dims){32, 8, 8, 2, 2, 16, true};
    e.config.shards = 3;
    e.config.sequences = 2;
    e.config.schedule.warmup = 10;
    e.config.schedule.decay_steps = STEPS;
    e.corpus.vocab = 32;
    e.steps = STEPS;
    e.tokens = 2000;
    e.held_out_windows = 8;
    return e;
}

/* The entry with its onset in the tiny run. */
static struct fault in_time(const struct fault *entry) {
    struct fault f = *entry;
    if (!(f.flags & FAULT_FROM_START))
        f.onset = ONSET;
    return f;
}

static void run_pair(const struct fault *fault, struct outcome *faulty, struct outcome *twin, double *effect) {
    struct experiment e = tiny(), t = tiny();
    experiment_fault(&e, fault, true);
    experiment_fault(&t, fault, false);
    if (fault->flags & FAULT_NEEDS_FP16) {
        /* Small gradients: the overflow comes at once. */
        e.loss_scale = t.loss_scale = 0x1p24;
        e.config.growth_interval = t.config.growth_interval = 5;
    }
    *faulty = outcome_new(STEPS);
    *twin = outcome_new(STEPS);
    ck_assert_int_eq(experiment_run(&e, faulty), 0);
    ck_assert_int_eq(experiment_run(&t, twin), 0);
    effect_measure(&e, faulty, twin, effect);
}

START_TEST(every_fault_leaves_a_mark_from_its_onset_on) {
    size_t count;
    const struct fault *list = faults_list(&count);
    for (size_t k = 0; k < count; k++) {
        struct fault f = in_time(&list[k]);
        struct outcome faulty, twin;
        double effect[EFFECTS];
        run_pair(&f, &faulty, &twin, effect);
        double marked = effect[EFFECT_DEVIATION] + effect[EFFECT_NAN];
        if (f.kind == FAULT_HEALTHY) {
            ck_assert_double_eq(effect[EFFECT_FIRST], -1);
            ck_assert_double_eq(marked, 0);
        } else {
            ck_assert_msg(effect[EFFECT_FIRST] >= (double)f.onset, "%s at %g", f.name, effect[EFFECT_FIRST]);
            ck_assert_msg(marked > 1e-5, "%s: %g", f.name, marked);
        }
        outcome_free(&faulty);
        outcome_free(&twin);
    }
}
END_TEST

START_TEST(the_catalogue_is_whole) {
    size_t count, families = 0, causes = 0;
    unsigned kinds[FAULT_KINDS] = {0};
    const struct fault *list = faults_list(&count);
    for (size_t k = 0; k < count; k++) {
        const struct fault *f = &list[k];
        ck_assert_ptr_eq(faults_find(f->name), f);
        ck_assert(f->what && *f->what);
        families += f->flags & FAULT_FAMILY ? 1 : 0;
        causes += f->flags & FAULT_ROOT_CAUSE ? 1 : 0;
        kinds[f->kind]++;
        ck_assert_int_eq(f->shard >= 0, (f->flags & FAULT_ONE_SHARD) != 0);
        ck_assert_int_eq(f->group >= 0, (f->flags & FAULT_ONE_GROUP) != 0);
        ck_assert(!(f->flags & FAULT_FROM_START) || f->onset == 0);
        ck_assert(!(f->flags & FAULT_FAMILY) || f->class <= FAULT_NUM);
    }
    ck_assert_uint_eq(families, 28);
    ck_assert_uint_eq(causes, 33);
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        ck_assert_msg(kinds[kind] > 0, "kind %d", kind);
    ck_assert_ptr_null(faults_find("nonsense"));
}
END_TEST

START_TEST(places_are_in_range_and_repeatable) {
    struct train_config config = tiny().config;
    const struct fault *weight = faults_find("flipped_weight"), *warmup = faults_find("no_warmup");
    unsigned shards[3] = {0}, groups[4] = {0};
    int64_t lowest = 1000, highest = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct fault f = faults_place(weight, seed, 20, 24, &config), g = faults_place(weight, seed, 20, 24, &config);
        ck_assert(f.onset == g.onset && f.shard == g.shard && f.group == g.group && f.seed == g.seed);
        ck_assert(f.shard >= 0 && f.shard < 3 && f.group >= 1 && f.group <= 2);
        shards[f.shard]++;
        groups[f.group]++;
        lowest = f.onset < lowest ? f.onset : lowest;
        highest = f.onset > highest ? f.onset : highest;
        struct fault start = faults_place(warmup, seed, 20, 24, &config);
        ck_assert(start.onset == 0 && start.shard == -1 && start.group == -1);
    }
    ck_assert_int_eq(lowest, 20);
    ck_assert_int_eq(highest, 24);
    ck_assert(shards[0] > 90 && shards[1] > 90 && shards[2] > 90 && groups[1] > 150 && groups[2] > 150);
}
END_TEST

/* Where a fault of one shard and one group acts, and for how long, is what the records say. */
START_TEST(faults_act_where_they_say) {
    struct fault f = in_time(faults_find("garbage_bucket"));
    f.shard = 2, f.group = 2, f.duration = 4;
    struct outcome faulty, twin;
    double effect[EFFECTS];
    run_pair(&f, &faulty, &twin, effect);
    for (int i = 0; i < STEPS; i++) {
        const struct step_record *r = &faulty.record[i];
        for (int s = 0; s < 3; s++)
            for (int g = 0; g < 4; g++)
                ck_assert_int_eq(r->crc_sent[s][g] != r->crc_recv[s][g],
                                 s == 2 && g == 2 && i >= ONSET && i < ONSET + 4);
    }
    /* Noise of 20 times the norm from one shard of three dominates the average. */
    ck_assert_double_gt((double)faulty.record[ONSET].gn[2], 6 * (double)faulty.record[ONSET].shard_gn[2][2]);
    ck_assert_double_eq(effect[EFFECT_CHECKSUM], 4);
    outcome_free(&faulty);
    outcome_free(&twin);
}
END_TEST

START_TEST(a_flipped_weight_stays_in_its_replica) {
    struct fault f = in_time(faults_find("flipped_weight"));
    f.shard = 1, f.group = 2;
    struct outcome faulty, twin;
    double effect[EFFECTS];
    run_pair(&f, &faulty, &twin, effect);
    const struct step_record *r = &faulty.record[STEPS - 1];
    for (int g = 0; g < 4; g++) {
        ck_assert_uint_eq(r->crc_param[0][g], r->crc_param[2][g]);
        ck_assert_int_eq(r->crc_param[0][g] != r->crc_param[1][g], g == 2);
    }
    ck_assert(isfinite(faulty.loss[STEPS - 1]));
    ck_assert_double_eq(effect[EFFECT_REPLICA], STEPS - ONSET);
    ck_assert_double_eq(effect[EFFECT_CHECKSUM], 0);
    outcome_free(&faulty);
    outcome_free(&twin);
}
END_TEST

/* With one weight to a head, sqrt(head width) is 1 and the fault must vanish; else it may not. */
START_TEST(unscaled_attention_is_the_scale_alone) {
    for (size_t heads = 8; heads >= 2; heads /= 2) {
        struct experiment e = tiny(), t = tiny();
        double loss[STEPS], clean[STEPS];
        e.config.dims.heads = t.config.dims.heads = heads;
        experiment_fault(&e, faults_find("unscaled_attention"), true);
        ck_assert_int_eq(experiment_run(&e, &(struct outcome){.loss = loss}), 0);
        ck_assert_int_eq(experiment_run(&t, &(struct outcome){.loss = clean}), 0);
        ck_assert_int_eq(memcmp(loss, clean, sizeof loss) == 0, heads == 8);
    }
}
END_TEST

/* The query columns of every qkv tensor, weights and gradient alike, and nothing else. */
START_TEST(unscaled_attention_changes_the_queries) {
    struct experiment e = tiny();
    size_t n = gpt_parameter_count(&e.config.dims);
    struct train_data data = {NULL, e.tokens};
    struct faults *plan = faults_new(faults_find("unscaled_attention"), 1, &e.config, &data);
    real *ones = calloc(2 * n, sizeof *ones), *gradient = ones + n;
    ck_assert(plan && ones);
    for (size_t i = 0; i < 2 * n; i++)
        ones[i] = 1;
    const real *model = faults_model(plan, 5, 0, ones);
    faults_computed(plan, 5, 0, gradient);
    for (size_t k = 0; k < gpt_tensor_count(&e.config.dims); k++) {
        struct gpt_tensor tensor = gpt_tensor_at(&e.config.dims, k);
        for (size_t i = 0; i < tensor.rows * tensor.cols; i++) {
            bool query = !strncmp(tensor.name, "qkv", 3) && i % 24 < 8;
            ck_assert_float_eq(model[tensor.offset + i], query ? 2 : 1);
            ck_assert_float_eq(gradient[tensor.offset + i], query ? 2 : 1);
        }
    }
    faults_free(plan);
    free(ones);
}
END_TEST

START_TEST(two_faults_at_once) {
    struct experiment e = tiny(), t = tiny();
    struct outcome faulty = outcome_new(STEPS), twin = outcome_new(STEPS);
    struct fault rate = in_time(faults_find("rate_x10")), stale = in_time(faults_find("stale_shard"));
    stale.onset = ONSET + 10;
    experiment_fault(&e, &rate, true);
    experiment_fault(&e, &stale, true);
    ck_assert_int_eq(experiment_run(&e, &faulty), 0);
    ck_assert_int_eq(experiment_run(&t, &twin), 0);
    double effect[EFFECTS];
    effect_measure(&e, &faulty, &twin, effect);
    ck_assert_double_eq(effect[EFFECT_FIRST], ONSET);
    ck_assert_double_eq_tol(effect[EFFECT_RATE], 10, 1e-4);
    ck_assert_double_eq(effect[EFFECT_CHECKSUM], STEPS - ONSET - 10);
    outcome_free(&faulty);
    outcome_free(&twin);
    struct fault many[FAULTS_MAX + 1] = {rate};
    ck_assert_ptr_null(faults_new(many, FAULTS_MAX + 1, &e.config, &(struct train_data){NULL, 2000}));
    faults_free(NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faults");
    TCase *all = tcase_create("all");
    openblas_set_num_threads(1);
    tcase_set_timeout(all, 30);
    tcase_add_test(all, every_fault_leaves_a_mark_from_its_onset_on);
    tcase_add_test(all, the_catalogue_is_whole);
    tcase_add_test(all, places_are_in_range_and_repeatable);
    tcase_add_test(all, faults_act_where_they_say);
    tcase_add_test(all, a_flipped_weight_stays_in_its_replica);
    tcase_add_test(all, unscaled_attention_is_the_scale_alone);
    tcase_add_test(all, unscaled_attention_changes_the_queries);
    tcase_add_test(all, two_faults_at_once);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
