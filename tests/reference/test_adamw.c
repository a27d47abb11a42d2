/* SPDX-License-Identifier: MIT */
/* Both builds of AdamW against the formula in long double over many updates, and its known first step. */
#define REAL_IS_DOUBLE 1
#include "reference/adamw.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void adamw_update_f32(const struct adamw *rule, int64_t t, double rate, const struct adamw_part *part, size_t parts,
                      const float *gradient, const float *w, float *m, float *v, float *update);
void adamw_apply_f32(size_t n, const float *update, float *w);
void adamw_fused_f32(const struct adamw *rule, int64_t t, double rate, double factor, size_t n, const float *gradient,
                     float *w, float *m, float *v);

enum { N = 40, DECAYS = 25, GAP = 28 }; /* elements 25 .. 27 belong to no part */

static const struct adamw_part parts[] = {{0, DECAYS, true}, {GAP, N - GAP, false}};
static const struct adamw rule = {.beta1 = .9, .beta2 = .95, .eps = 1e-8, .weight_decay = .1};

struct truth {
    long double w[N], m[N], v[N];
};

static double gradient_at(int64_t t, size_t i) {
    return (double)(float)(sin((double)(t * 31 + (int64_t)i * 7)) * exp(-(double)(i % 9)));
}

static void truth_step(struct truth *x, int64_t t, double rate) {
    for (size_t i = 0; i < N; i++) {
        if (i >= DECAYS && i < GAP)
            continue;
        long double g = gradient_at(t, i), decay = i < DECAYS ? (long double)rule.weight_decay : 0;
        x->m[i] = (long double)rule.beta1 * x->m[i] + (1 - (long double)rule.beta1) * g;
        x->v[i] = (long double)rule.beta2 * x->v[i] + (1 - (long double)rule.beta2) * g * g;
        long double mean = x->m[i] / (1 - powl((long double)rule.beta1, (long double)t));
        long double square = x->v[i] / (1 - powl((long double)rule.beta2, (long double)t));
        x->w[i] -= (long double)rate * (mean / (sqrtl(square) + (long double)rule.eps) + decay * x->w[i]);
    }
}

START_TEST(agrees_with_long_double) {
    struct truth truth = {0};
    double w[N], m[N] = {0}, v[N] = {0}, g[N], update[N] = {0};
    float w32[N], m32[N] = {0}, v32[N] = {0}, g32[N], update32[N] = {0};
    for (size_t i = 0; i < N; i++)
        truth.w[i] = (long double)(w[i] = (double)(w32[i] = (float)cos((double)i)));
    for (int64_t t = 1; t <= 200; t++) {
        double rate = 1e-2 / (double)t;
        for (size_t i = 0; i < N; i++)
            g32[i] = (float)(g[i] = gradient_at(t, i));
        truth_step(&truth, t, rate);
        adamw_update(&rule, t, rate, parts, 2, g, w, m, v, update);
        adamw_apply(N, update, w);
        adamw_update_f32(&rule, t, rate, parts, 2, g32, w32, m32, v32, update32);
        adamw_apply_f32(N, update32, w32);
        for (size_t i = 0; i < N; i++) {
            ck_assert_double_le(fabs(w[i] - (double)truth.w[i]), 1e-14);
            ck_assert_double_le(fabs(v[i] - (double)truth.v[i]), 1e-14);
            ck_assert_double_le(fabs((double)w32[i] - (double)truth.w[i]), 2e-6);
        }
    }
}
END_TEST

START_TEST(the_first_update_is_the_rate) {
    double w[N], m[N] = {0}, v[N] = {0}, g[N], update[N];
    for (size_t i = 0; i < N; i++) {
        w[i] = 0.5;
        g[i] = i % 2 ? 1e-3 : -40;
        update[i] = -1;
    }
    adamw_update(&rule, 1, 0.25, parts, 2, g, w, m, v, update);
    for (size_t i = 0; i < N; i++) {
        bool none = i >= DECAYS && i < GAP;
        double want = 0.25 * ((i % 2 ? 1 : -1) + (i < DECAYS ? 0.05 : 0));
        ck_assert_double_eq_tol(update[i], none ? -1 : want, 1e-5);
        ck_assert_double_eq(w[i], 0.5);
        ck_assert_double_eq(m[i] != 0, !none);
    }
}
END_TEST

START_TEST(without_gradient_only_decay_moves) {
    double w[N], m[N] = {0}, v[N] = {0}, g[N] = {0}, update[N] = {0};
    for (size_t i = 0; i < N; i++)
        w[i] = 2;
    adamw_update(&rule, 3, 0.5, parts, 2, g, w, m, v, update);
    adamw_apply(N, update, w);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol(w[i], i < DECAYS ? 1.9 : 2, 1e-15);
}
END_TEST

/* The fused pass against update and apply on a gradient that was scaled before: in float64 the same to rounding, in
 * float32 to float32's. */
START_TEST(fused_is_update_and_apply) {
    double w[2][N], m[2][N] = {0}, v[2][N] = {0}, g[N], scaled[N], update[N];
    float w32[N], m32[N] = {0}, v32[N] = {0}, g32[N];
    const struct adamw_part whole = {0, N, true};
    for (size_t i = 0; i < N; i++)
        w[0][i] = w[1][i] = w32[i] = (float)sin(3.0 * (double)i);
    for (int64_t t = 1; t <= 60; t++) {
        const double rate = 1e-2 / (double)t, factor = t % 3 ? 0x1.8p-4 : 1;
        for (size_t i = 0; i < N; i++)
            scaled[i] = factor * (g32[i] = (float)(g[i] = gradient_at(t, i)));
        adamw_update(&rule, t, rate, &whole, 1, scaled, w[0], m[0], v[0], update);
        adamw_apply(N, update, w[0]);
        adamw_fused(&rule, t, rate, factor, N, g, w[1], m[1], v[1]);
        adamw_fused_f32(&rule, t, rate, factor, N, g32, w32, m32, v32);
    }
    for (size_t i = 0; i < N; i++) {
        ck_assert_double_eq_tol(w[0][i], w[1][i], 1e-14);
        ck_assert_double_eq_tol(m[0][i], m[1][i], 1e-15);
        ck_assert_double_eq_tol(v[0][i], v[1][i], 1e-15);
        ck_assert_double_eq_tol(w[0][i], w32[i], 2e-6);
    }
}
END_TEST

START_TEST(powers) {
    ck_assert_double_eq(adamw_power(.95, 0), 1);
    ck_assert_double_eq(adamw_power(.95, 1), .95);
    ck_assert_double_eq(adamw_power(.95, INT64_C(1) << 40), 0);
    for (int64_t n = 0; n < 400; n++)
        ck_assert_double_eq_tol(adamw_power(.9, n) / (double)powl((long double).9, (long double)n), 1, 1e-13);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("adamw");
    TCase *all = tcase_create("all");
    tcase_add_test(all, agrees_with_long_double);
    tcase_add_test(all, the_first_update_is_the_rate);
    tcase_add_test(all, without_gradient_only_decay_moves);
    tcase_add_test(all, fused_is_update_and_apply);
    tcase_add_test(all, powers);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
