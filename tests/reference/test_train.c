/* SPDX-License-Identifier: MIT */
/* The trainer: a step against one that is written down here again without any of its parts but the model; runs in both
 * precisions; runs cut in two and continued; overflow; and learning itself. */
#define REAL_IS_DOUBLE 1
#include "reference/train.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "reference/experiment.h"

int experiment_run_f32(const struct experiment *experiment, struct outcome *outcome);
double scaler_half_f32(double x);

enum { TOKENS = 700, SHARDS = 3, STEPS = 40 };

struct run {
    struct train_config config;
    struct train_data data;
    struct train_state state;
    size_t n;
    uint8_t corpus[SHARDS * TOKENS];
};

/* 700 tokens hold 87 windows of 8: a run of 40 steps of 3 sequences wraps. */
static struct run *run_new(void) {
    struct run *r = calloc(1, sizeof *r);
    ck_assert_ptr_nonnull(r);
    r->config = train_defaults();
    r->config.dims = (struct gpt_dims){32, 8, 8, 1, 2, 16, false};
    r->config.shards = SHARDS;
    r->config.sequences = 3;
    r->config.schedule = (struct schedule){.warmup = 4, .decay_steps = 30, .peak = 2e-2, .minimum = 1e-3};
    r->n = gpt_parameter_count(&r->config.dims);
    r->state.params = calloc(3 * r->n, sizeof(real));
    ck_assert_ptr_nonnull(r->state.params);
    r->state.m = r->state.params + r->n;
    r->state.v = r->state.m + r->n;
    r->data = (struct train_data){r->corpus, TOKENS};
    for (uint32_t s = 0; s < SHARDS; s++)
        corpus_make(&(struct corpus){7, 32, false}, s, TOKENS, r->corpus + s * TOKENS, NULL);
    train_init(&r->config.dims, 3, r->state.params);
    train_start(&r->config, 1024, &r->state);
    return r;
}

static void run_free(struct run *r) {
    free(r->state.params);
    free(r);
}

static void run_steps(struct run *r, size_t steps, double *loss) {
    struct train_hooks hooks = {.loss = loss};
    ck_assert_int_eq(train_run(&r->config, &r->data, steps, &r->state, &hooks), 0);
}

/* Windows by the rule in words: 87 windows, stride 55 (the smallest odd number from 53.8 on that shares no factor). */
static double gradient_by_hand(const struct run *r, struct gpt_workspace *gpt, size_t step, double *mean, double *g) {
    double loss = 0;
    memset(mean, 0, r->n * sizeof *mean);
    for (size_t s = 0; s < SHARDS; s++) {
        int32_t x[24], y[24];
        double shard_loss;
        for (size_t i = 0; i < 24; i++) {
            size_t window = (step * 3 + i / 8) * 55 % 87;
            x[i] = r->corpus[s * TOKENS + window * 8 + i % 8];
            y[i] = r->corpus[s * TOKENS + window * 8 + i % 8 + 1];
        }
        struct gpt_batch batch = {3, 8, x, y};
        gpt_loss_and_gradient(gpt, r->state.params, &batch, &shard_loss, g, NULL);
        loss += shard_loss / SHARDS;
        for (size_t i = 0; i < r->n; i++)
            mean[i] += r->config.fp16 ? scaler_half_f32(g[i] * 1024) / 1024 / SHARDS : g[i] / SHARDS;
    }
    return loss;
}

static void update_by_hand(struct run *r, size_t step, double *g) {
    double square = 0, t = (double)step + 1, p = ((double)step - 4) / 26;
    for (size_t i = 0; i < r->n; i++)
        square += g[i] * g[i];
    double scale = sqrt(square) > 1 ? 1 / sqrt(square) : 1;
    double rate = step < 4 ? 2e-2 * t / 4 : 1e-3 + .5 * 1.9e-2 * (1 + cos(M_PI * fmin(p, 1)));
    for (size_t k = 0; k < gpt_tensor_count(&r->config.dims); k++) {
        struct gpt_tensor tensor = gpt_tensor_at(&r->config.dims, k);
        for (size_t i = tensor.offset; i < tensor.offset + tensor.rows * tensor.cols; i++) {
            double *w = &r->state.params[i], *m = &r->state.m[i], *v = &r->state.v[i];
            *m = .9 * *m + .1 * scale * g[i];
            *v = .95 * *v + .05 * scale * scale * g[i] * g[i];
            double direction = *m / (1 - pow(.9, t)) / (sqrt(*v / (1 - pow(.95, t))) + 1e-8);
            *w -= rate * (direction + (tensor.rows > 1 ? .1 * *w : 0));
        }
    }
}

START_TEST(steps_by_hand) {
    struct run *a = run_new(), *b = run_new();
    struct gpt_workspace *gpt = gpt_workspace_new(&b->config.dims, 3, false);
    double loss[STEPS], *g = calloc(2 * b->n, sizeof *g);
    ck_assert(gpt && g);
    a->config.fp16 = b->config.fp16 = _i == 1;
    a->config.growth_interval = 0;
    run_steps(a, STEPS, loss);
    for (size_t step = 0; step < STEPS; step++) {
        double want = gradient_by_hand(b, gpt, step, g, g + b->n);
        ck_assert_double_eq_tol(loss[step], want, 1e-9);
        update_by_hand(b, step, g);
    }
    for (size_t i = 0; i < a->n; i++)
        ck_assert_double_eq_tol(a->state.params[i], b->state.params[i], 1e-8);
    ck_assert_int_eq(a->state.step, STEPS);
    ck_assert_int_eq(a->state.updates, STEPS);
    ck_assert_double_lt(loss[STEPS - 1], loss[0] - .1);
    gpt_workspace_free(gpt);
    free(g);
    run_free(a);
    run_free(b);
}
END_TEST

/* Cut at the start, in the warm-up, in the middle, and with growing scales that overflow. */
START_TEST(a_copied_state_continues_bit_for_bit) {
    static const size_t cuts[] = {0, 1, 3, 4, 17, 29, 39};
    struct run *whole = run_new(), *part = run_new();
    double loss[STEPS], again[STEPS];
    whole->config.fp16 = part->config.fp16 = true;
    whole->config.growth_interval = part->config.growth_interval = 5;
    whole->state.loss_scale = part->state.loss_scale = 0x1p17;
    run_steps(whole, STEPS, loss);
    run_steps(part, cuts[_i], again);
    struct run *rest = run_new();
    memcpy(rest->state.params, part->state.params, 3 * part->n * sizeof(real));
    rest->config = part->config;
    rest->state.step = part->state.step;
    rest->state.updates = part->state.updates;
    rest->state.loss_scale = part->state.loss_scale;
    rest->state.good_steps = part->state.good_steps;
    run_steps(rest, STEPS - cuts[_i], again + cuts[_i]);
    ck_assert_mem_eq(again, loss, sizeof loss);
    ck_assert_mem_eq(rest->state.params, whole->state.params, 3 * whole->n * sizeof(real));
    ck_assert_double_eq(rest->state.loss_scale, whole->state.loss_scale);
    ck_assert_int_eq(rest->state.good_steps, whole->state.good_steps);
    /* The run did overflow, and steps without an update are not counted. */
    ck_assert_int_lt(whole->state.updates, STEPS);
    ck_assert_int_eq(whole->state.updates, rest->state.updates);
    run_free(whole);
    run_free(part);
    run_free(rest);
}
END_TEST

START_TEST(an_overflow_changes_nothing_but_the_scale) {
    struct run *r = run_new();
    r->config.fp16 = true;
    run_steps(r, 3, NULL);
    real *before = malloc(3 * r->n * sizeof(real));
    ck_assert_ptr_nonnull(before);
    memcpy(before, r->state.params, 3 * r->n * sizeof(real));
    r->state.loss_scale = 0x1p40;
    double loss;
    run_steps(r, 1, &loss);
    ck_assert(isfinite(loss));
    ck_assert_mem_eq(before, r->state.params, 3 * r->n * sizeof(real));
    ck_assert_double_eq(r->state.loss_scale, 0x1p39);
    ck_assert_int_eq(r->state.good_steps, 0);
    ck_assert_int_eq(r->state.updates, 3);
    ck_assert_int_eq(r->state.step, 4);
    /* From here on: four good steps double it again, and two more count towards the next time. */
    r->config.growth_interval = 4;
    r->state.loss_scale = 1024;
    run_steps(r, 6, NULL);
    ck_assert_double_eq(r->state.loss_scale, 2048);
    ck_assert_int_eq(r->state.good_steps, 2);
    ck_assert_int_eq(r->state.updates, 9);
    free(before);
    run_free(r);
}
END_TEST

static void ignore_record(void *context, const struct step_record *record, double loss) {
    ck_assert_float_eq_tol(record->loss, (float)loss, 1e-6f);
    ++*(int *)context;
}

/* Watching, an empty plan of faults, and a run in single steps change no bit. */
START_TEST(telemetry_only_reads) {
    struct run *a = run_new(), *b = run_new();
    struct faults *none = faults_new(NULL, 0, &b->config, &b->data);
    ck_assert_ptr_nonnull(none);
    int records = 0;
    double loss[STEPS], watched[STEPS];
    struct train_hooks hooks = {.faults = none, .on_step = ignore_record, .context = &records, .loss = watched};
    run_steps(a, STEPS, loss);
    ck_assert_int_eq(train_run(&b->config, &b->data, STEPS, &b->state, &hooks), 0);
    ck_assert_int_eq(records, STEPS);
    ck_assert_mem_eq(loss, watched, sizeof loss);
    ck_assert_mem_eq(a->state.params, b->state.params, 3 * a->n * sizeof(real));
    faults_free(none);
    run_free(a);
    run_free(b);
}
END_TEST

START_TEST(held_out_is_the_mean_over_windows) {
    struct run *r = run_new();
    struct train *t = train_new(&r->config, &r->data);
    struct gpt_workspace *gpt = gpt_workspace_new(&r->config.dims, 1, false);
    ck_assert(t && gpt);
    double sum = 0;
    for (size_t w = 0; w < 7; w++) {
        int32_t x[8], y[8];
        for (size_t i = 0; i < 8; i++) {
            x[i] = r->corpus[8 * w + i];
            y[i] = r->corpus[8 * w + i + 1];
        }
        struct gpt_batch batch = {1, 8, x, y};
        sum += gpt_loss(gpt, r->state.params, &batch);
    }
    ck_assert_double_eq_tol(train_held_out(t, r->state.params, r->corpus, TOKENS, 7), sum / 7, 1e-12);
    ck_assert_double_eq_tol(train_held_out(t, r->state.params, r->corpus, 57, 100), sum / 7, 1e-12);
    ck_assert(isnan(train_held_out(t, r->state.params, r->corpus, 8, 100)));
    train_free(t);
    gpt_workspace_free(gpt);
    run_free(r);
}
END_TEST

START_TEST(a_text_without_a_window_is_refused) {
    struct run *r = run_new();
    r->data.tokens = 8;
    ck_assert_ptr_null(train_new(&r->config, &r->data));
    ck_assert_int_eq(train_run(&r->config, &r->data, 1, &r->state, NULL), -1);
    ck_assert_int_eq(r->state.step, 0);
    run_free(r);
}
END_TEST

START_TEST(first_parameters) {
    struct gpt_dims dims = train_defaults().dims;
    size_t n = gpt_parameter_count(&dims);
    ck_assert_uint_eq(n, 28544);
    real *w = calloc(n, sizeof *w);
    ck_assert_ptr_nonnull(w);
    train_init(&dims, 5, w);
    for (size_t k = 0; k < gpt_tensor_count(&dims); k++) {
        struct gpt_tensor tensor = gpt_tensor_at(&dims, k);
        size_t count = tensor.rows * tensor.cols;
        double square = 0;
        for (size_t i = tensor.offset; i < tensor.offset + count; i++) {
            square += w[i] * w[i] / (double)count;
            ck_assert(w[i] == (double)(float)w[i]);
        }
        bool residual = !strcmp(tensor.name, "proj_w") || !strcmp(tensor.name, "out_w");
        bool gain = strstr(tensor.name, "gain") != NULL;
        double want = tensor.rows > 1 ? (residual ? .01 : .02) : gain;
        ck_assert_msg(fabs(sqrt(square) - want) <= .1 * want, "%s: %g", tensor.name, sqrt(square));
    }
    free(w);
}
END_TEST

/* The usual model for a part of the usual run: learns, and the same in both precisions. */
START_TEST(both_precisions_learn_the_same) {
    double wide[STEPS], narrow[STEPS], apart = 0;
    struct experiment e = experiment_defaults(1);
    e.steps = STEPS;
    e.tokens = 4000;
    e.config.schedule.warmup = 10;
    e.config.schedule.decay_steps = STEPS;
    struct outcome a = {.loss = wide}, b = {.loss = narrow};
    ck_assert_int_eq(experiment_run(&e, &a), 0);
    ck_assert_int_eq(experiment_run_f32(&e, &b), 0);
    for (int i = 0; i < STEPS; i++)
        apart = fmax(apart, fabs(wide[i] - narrow[i]));
    ck_assert_msg(apart <= 2e-5, "%g", apart);
    ck_assert_double_gt(apart, 0);
    ck_assert_double_le(fabs(a.held_out - b.held_out), 2e-5);
    ck_assert_double_eq_tol(wide[0], log(64), .05);
    ck_assert_msg(a.held_out < 3.5, "%g", a.held_out);
    ck_assert_double_gt(a.held_out, a.floor);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train");
    TCase *all = tcase_create("all");
    openblas_set_num_threads(1);
    tcase_add_loop_test(all, steps_by_hand, 0, 2);
    tcase_add_loop_test(all, a_copied_state_continues_bit_for_bit, 0, 7);
    tcase_add_test(all, an_overflow_changes_nothing_but_the_scale);
    tcase_add_test(all, telemetry_only_reads);
    tcase_add_test(all, held_out_is_the_mean_over_windows);
    tcase_add_test(all, a_text_without_a_window_is_refused);
    tcase_add_test(all, first_parameters);
    tcase_add_test(all, both_precisions_learn_the_same);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
