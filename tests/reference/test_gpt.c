/* SPDX-License-Identifier: MIT */
/* The GPT against tests/reference/gpt_naive.h: logits and loss, the gradient of every parameter by complex steps; and
 * identities: causality, tied against untied, the mean over sequences, float32 against float64. */
#define REAL_IS_DOUBLE 1
#include "reference/gpt.h"

#include <string.h>

#include "tests/reference/gpt_naive.h"

/* The float32 build is linked as well; its header would redefine `real`. */
struct gpt_workspace *gpt_workspace_new_f32(const struct gpt_dims *dims, size_t sequences, bool plain);
void gpt_workspace_free_f32(struct gpt_workspace *w);
void gpt_loss_and_gradient_f32(struct gpt_workspace *w, const float *params, const struct gpt_batch *batch, float *loss,
                               float *grads, float *logits);

enum { MOST_TOKENS = 512 };

/* What the training packs use; then small ones for every coordinate; no block at all. */
static const struct gpt_dims real_size = {64, 32, 32, 2, 2, 128, true};
static const struct gpt_dims small[] = {
    {7, 5, 4, 2, 2, 5, true}, {5, 4, 6, 1, 3, 4, false}, {6, 3, 4, 0, 1, 0, true}, {1, 1, 2, 1, 1, 1, false}};
enum { SMALL = sizeof small / sizeof small[0] };

struct problem {
    struct gpt_dims dims;
    size_t count;
    int32_t x[MOST_TOKENS], y[MOST_TOKENS];
    struct gpt_batch batch;
    double *params, *grads, *logits, loss;
};

static double *doubles(size_t n) {
    double *x = calloc(n + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static void fill(double *x, size_t n, double size, uint64_t state) {
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)(size * ((double)(state >> 33) / 0x1p30 - 1));
    }
}

static struct problem *problem_new(const struct gpt_dims *dims, size_t sequences, size_t time, double size) {
    struct problem *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    p->dims = *dims;
    p->count = gpt_parameter_count(dims);
    p->batch = (struct gpt_batch){sequences, time, p->x, p->y};
    ck_assert_uint_le(sequences * time, MOST_TOKENS);
    p->params = doubles(p->count), p->grads = doubles(p->count);
    p->logits = doubles(MOST_TOKENS * dims->vocab);
    fill(p->params, p->count, size, 5);
    uint64_t state = 6;
    for (size_t i = 0; i < MOST_TOKENS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        p->x[i] = (int32_t)((state >> 33) % dims->vocab);
        p->y[i] = (int32_t)((state >> 43) % dims->vocab);
    }
    return p;
}

static void problem_free(struct problem *p) {
    free(p->params), free(p->grads), free(p->logits), free(p);
}

/* A workspace with more room than the batch needs, so that nothing may rest on its being full. */
static void run(struct problem *p, bool plain) {
    struct gpt_workspace *w = gpt_workspace_new(&p->dims, p->batch.sequences + 1, plain);
    ck_assert_ptr_nonnull(w);
    gpt_loss_and_gradient(w, p->params, &p->batch, &p->loss, p->grads, p->logits);
    gpt_workspace_free(w);
}

static void run_narrow(struct problem *p, bool plain) {
    struct gpt_workspace *w = gpt_workspace_new_f32(&p->dims, p->batch.sequences, plain);
    float *params = calloc(2 * p->count, sizeof *params), loss;
    ck_assert(w && params);
    for (size_t i = 0; i < p->count; i++)
        params[i] = (float)p->params[i];
    gpt_loss_and_gradient_f32(w, params, &p->batch, &loss, params + p->count, NULL);
    for (size_t i = 0; i < p->count; i++)
        p->grads[i] = (double)params[p->count + i];
    p->loss = (double)loss;
    gpt_workspace_free_f32(w);
    free(params);
}

static double relative(size_t n, const double *got, const double *want) {
    double error = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        error += (got[i] - want[i]) * (got[i] - want[i]);
        size += want[i] * want[i];
    }
    return error == 0 ? 0 : error <= 1e300 ? sqrt(error / size) : INFINITY;
}

static struct naive_gpt naive_of(const struct gpt_dims *d) {
    return (struct naive_gpt){d->vocab, d->time, d->width, d->layers, d->heads, d->hidden, d->tied};
}

static number naive_step(const struct problem *p, const double *direction) {
    struct naive_gpt g = naive_of(&p->dims);
    number *params = numbers(p->count);
    for (size_t i = 0; i < p->count; i++)
        params[i] = stepped(p->params[i], direction[i]);
    number loss = naive_loss(&g, params, p->batch.sequences, p->batch.time, p->x, p->y);
    free(params);
    return loss;
}

START_TEST(layout_is_the_documented_one) {
    ck_assert_uint_eq(gpt_parameter_count(&real_size), 28544);
    for (int tied = 0; tied < 2; tied++) {
        struct gpt_dims dims = {64, 32, 32, 2, 2, 128, tied};
        size_t next = 0, count = gpt_tensor_count(&dims);
        ck_assert_uint_eq(count, tied ? 28 : 29);
        for (size_t i = 0; i < count; i++) {
            struct gpt_tensor t = gpt_tensor_at(&dims, i);
            ck_assert_uint_eq(t.offset, next);
            ck_assert(t.decays == (t.rows > 1));
            ck_assert(t.layer == (i >= 2 && i < 26 ? (int)(i - 2) / 12 : -1));
            ck_assert_uint_eq(t.group, i < 2 || i == 28 ? 0 : i < 26 ? (i - 2) / 12 + 1 : 3);
            next += t.rows * t.cols;
        }
        ck_assert_uint_eq(next, gpt_parameter_count(&dims));
        struct gpt_tensor second = gpt_tensor_at(&dims, 14 + 8), last = gpt_tensor_at(&dims, count - 1);
        ck_assert_str_eq(second.name, "fc_w");
        ck_assert_uint_eq(second.offset, 64 * 32 + 32 * 32 + 12704 + 2 * 32 + 32 * 96 + 96 + 32 * 32 + 32 + 2 * 32);
        ck_assert_str_eq(last.name, tied ? "final_bias" : "head");
    }
}
END_TEST

START_TEST(logits_and_loss_are_the_definition) {
    const struct gpt_dims *dims = _i < SMALL ? &small[_i] : &real_size;
    for (int full = 0; full < 2; full++)
        for (int plain = 0; plain < 2; plain++) {
            struct problem *p = problem_new(dims, 2, full ? dims->time : (dims->time + 1) / 2, 0.5);
            struct naive_gpt g = naive_of(dims);
            size_t each = p->batch.time * dims->vocab;
            double *none = doubles(p->count), *truth = doubles(2 * each);
            number *params = numbers(p->count), *logits = numbers(2 * each);
            for (size_t i = 0; i < p->count; i++)
                params[i] = p->params[i];
            for (size_t s = 0; s < 2; s++)
                naive_logits(&g, params, p->batch.time, p->x + s * p->batch.time, logits + s * each);
            for (size_t i = 0; i < 2 * each; i++)
                truth[i] = (double)creall(logits[i]);
            run(p, plain);
            ck_assert_double_le(relative(2 * each, p->logits, truth), 5e-15);
            ck_assert_double_le(fabs(p->loss - (double)creall(naive_step(p, none))), 5e-15 * (1 + p->loss));
            p->logits[each] += 1e-8;
            ck_assert_double_gt(relative(2 * each, p->logits, truth), 5e-15);
            free(none), free(truth), free(params), free(logits);
            problem_free(p);
        }
}
END_TEST

START_TEST(gradient_is_the_complex_step_in_every_coordinate) {
    struct problem *p = problem_new(&small[_i], 2, small[_i].time, 0.7);
    double *direction = doubles(p->count), *steps = doubles(p->count);
    for (size_t i = 0; i < p->count; i++) {
        direction[i] = 1;
        steps[i] = derivative_of(naive_step(p, direction));
        direction[i] = 0;
    }
    for (int plain = 0; plain < 2; plain++) {
        run(p, plain);
        for (size_t i = 0; i < gpt_tensor_count(&p->dims); i++) {
            struct gpt_tensor t = gpt_tensor_at(&p->dims, i);
            for (size_t k = t.offset; k < t.offset + t.rows * t.cols; k++)
                ck_assert_msg(fabs(p->grads[k] - steps[k]) <= 1e-14, "%s of layer %d, element %zu: %g, not %g", t.name,
                              t.layer, k - t.offset, p->grads[k], steps[k]);
        }
    }
    free(direction), free(steps);
    problem_free(p);
}
END_TEST

START_TEST(gradient_is_the_complex_step_along_directions) {
    struct problem *p = problem_new(&real_size, 2, 32, 0.15);
    double *direction = doubles(p->count);
    for (uint64_t seed = 0; seed < 2; seed++) {
        fill(direction, p->count, 1, 80 + seed);
        double step = derivative_of(naive_step(p, direction));
        for (int plain = 0; plain < 2; plain++) {
            double along = 0, size = 0;
            run(p, plain);
            for (size_t i = 0; i < p->count; i++) {
                along += p->grads[i] * direction[i];
                size += fabs(p->grads[i] * direction[i]);
            }
            ck_assert_double_gt(size, 0.1);
            ck_assert_double_le(fabs(along - step), 1e-14 * size);
            ck_assert_double_gt(fabs(along * (1 + 1e-6) - step), 1e-14 * size);
        }
    }
    free(direction);
    problem_free(p);
}
END_TEST

START_TEST(no_logit_sees_a_later_token) {
    struct problem *p = problem_new(&real_size, 2, 32, 0.3);
    size_t each = 32 * p->dims.vocab;
    double *before = doubles(2 * each);
    for (size_t t = 1; t < 32; t += 6) {
        run(p, false);
        memcpy(before, p->logits, 2 * each * sizeof *before);
        p->x[t] = (p->x[t] + 1) % 64;
        run(p, false);
        ck_assert_mem_eq(p->logits, before, t * 64 * sizeof *before);
        ck_assert_mem_ne(p->logits + t * 64, before + t * 64, 64 * sizeof *before);
        ck_assert_mem_ne(p->logits + 31 * 64, before + 31 * 64, 64 * sizeof *before);
        ck_assert_mem_eq(p->logits + each, before + each, each * sizeof *before);
    }
    free(before);
    problem_free(p);
}
END_TEST

/* With head = tok_emb the two models are the same function; the tied embedding's gradient is the sum of both. */
START_TEST(tied_is_untied_with_an_equal_head) {
    struct gpt_dims loose_dims = real_size;
    loose_dims.tied = false;
    struct problem *tied = problem_new(&real_size, 3, 20, 0.2), *loose = problem_new(&loose_dims, 3, 20, 0.2);
    size_t head = tied->count, embedding = 64 * 32;
    ck_assert_uint_eq(loose->count, head + embedding);
    memcpy(loose->params, tied->params, head * sizeof(double));
    memcpy(loose->params + head, tied->params, embedding * sizeof(double));
    run(tied, false);
    run(loose, false);
    ck_assert(tied->loss == loose->loss);
    for (size_t i = 0; i < embedding; i++)
        loose->grads[i] += loose->grads[head + i];
    ck_assert_double_le(relative(head, loose->grads, tied->grads), 1e-15);
    problem_free(tied);
    problem_free(loose);
}
END_TEST

START_TEST(a_batch_is_the_mean_of_its_sequences) {
    struct problem *p = problem_new(&real_size, 4, 32, 0.2);
    double *sum = doubles(p->count), loss = 0;
    for (size_t s = 0; s < 4; s++) {
        p->batch = (struct gpt_batch){1, 32, p->x + 32 * s, p->y + 32 * s};
        run(p, false);
        loss += p->loss / 4;
        for (size_t i = 0; i < p->count; i++)
            sum[i] += p->grads[i] / 4;
    }
    p->batch = (struct gpt_batch){4, 32, p->x, p->y};
    run(p, false);
    ck_assert_double_le(fabs(p->loss - loss), 1e-14);
    ck_assert_double_le(relative(p->count, p->grads, sum), 1e-14);
    free(sum);
    problem_free(p);
}
END_TEST

/* One workspace for calls of different sizes; each of them says what it says alone. */
START_TEST(forward_calls_agree_to_the_bit_and_telemetry_is_theirs) {
    struct problem *p = problem_new(&real_size, 4, 32, 0.3);
    struct gpt_workspace *w = gpt_workspace_new(&real_size, 4, _i);
    double *logits = doubles(4 * 32 * 64), act_max[4], most = 0, embedded = 0;
    for (size_t time = 32; time > 0; time /= 3) {
        p->batch.time = time;
        run(p, _i);
        memset(logits, 0xff, 4 * 32 * 64 * sizeof *logits);
        ck_assert(gpt_loss(w, p->params, &p->batch) == p->loss);
        struct gpt_batch inputs = {4, time, p->x, NULL};
        gpt_logits(w, p->params, &inputs, logits);
        ck_assert_mem_eq(logits, p->logits, 4 * time * 64 * sizeof *logits);
    }
    for (size_t i = 0; i < 4 * 64; i++)
        most = fmax(most, fabs(logits[i]));
    for (size_t i = 0; i < 4 * 32; i++)
        embedded = fmax(embedded, fabs(p->params[(size_t)p->x[i / 32] * 32 + i % 32] + p->params[64 * 32 + i % 32]));
    ck_assert(p->batch.time == 1 && gpt_logit_max(w) == most);
    gpt_activation_max(w, act_max);
    ck_assert(act_max[0] == embedded && act_max[1] > 0 && act_max[2] > 0 && act_max[3] > 0);
    gpt_workspace_free(w);
    gpt_workspace_free(NULL);
    free(logits);
    problem_free(p);
}
END_TEST

START_TEST(an_empty_batch_has_no_loss_and_no_gradient) {
    struct problem *p = problem_new(&real_size, 0, 32, 0.3);
    memset(p->grads, 0xff, p->count * sizeof *p->grads);
    run(p, _i);
    ck_assert(p->loss == 0);
    for (size_t i = 0; i < p->count; i++)
        ck_assert(p->grads[i] == 0);
    problem_free(p);
}
END_TEST

START_TEST(narrow_is_near_wide) {
    struct problem *wide = problem_new(&real_size, 4, 32, _i ? 0.6 : 0.1),
                   *p = problem_new(&real_size, 4, 32, _i ? 0.6 : 0.1);
    run(wide, false);
    for (int plain = 0; plain < 2; plain++) {
        run_narrow(p, plain);
        ck_assert_double_le(fabs(p->loss - wide->loss), 2e-6 * (1 + wide->loss));
        ck_assert_double_le(relative(p->count, p->grads, wide->grads), _i ? 4e-6 : 1e-6);
    }
    problem_free(wide);
    problem_free(p);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gpt");
    TCase *cases = tcase_create("gpt");
    tcase_add_test(cases, layout_is_the_documented_one);
    tcase_add_loop_test(cases, logits_and_loss_are_the_definition, 0, SMALL + 1);
    tcase_add_loop_test(cases, gradient_is_the_complex_step_in_every_coordinate, 0, SMALL);
    tcase_add_test(cases, gradient_is_the_complex_step_along_directions);
    tcase_add_test(cases, no_logit_sees_a_later_token);
    tcase_add_test(cases, tied_is_untied_with_an_equal_head);
    tcase_add_test(cases, a_batch_is_the_mean_of_its_sequences);
    tcase_add_loop_test(cases, forward_calls_agree_to_the_bit_and_telemetry_is_theirs, 0, 2);
    tcase_add_loop_test(cases, an_empty_batch_has_no_loss_and_no_gradient, 0, 2);
    tcase_add_loop_test(cases, narrow_is_near_wide, 0, 2);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
