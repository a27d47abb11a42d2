/* SPDX-License-Identifier: MIT */
/* The operations: their arrays, and the call of the pack's own reference, which is what a candidate is timed against.
 * Each reference.c is compiled into the bench with real = float and the flags that the grader gives it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "challenges/adamw-schedule/adamw-schedule.h"
#include "challenges/attention-causal/attention-causal.h"
#include "challenges/custom-layer-grad/custom-layer-grad.h"
#include "challenges/layernorm-fb/layernorm-fb.h"
#include "challenges/rms-norm/rms-norm.h"
#include "challenges/selective-scan/selective-scan.h"
#include "challenges/softmax-xent/softmax-xent.h"
#include "tests/bench/peers.h"

int reference_center_rows(int32_t rows, int32_t n, const float *x, float *y, float *gauge_y);
int reference_attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                               const int32_t *kv_len, float *o, float *gauge_o);
int reference_layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta,
                            float *y, float *mean, float *rstd, float *gauge_y, float *gauge_mean, float *gauge_rstd);
int reference_layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                            const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta,
                            float *gauge_dx, float *gauge_dgamma, float *gauge_dbeta);
int reference_softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target,
                           float *row_loss, float *dlogits, float *gauge_row_loss, float *gauge_dlogits);
int reference_rms_norm_fwd(const struct rms_norm_params *p, const float *x, const float *gamma, float *y, float *rstd,
                           float *gauge_y, float *gauge_rstd);
int reference_rms_norm_bwd(const struct rms_norm_params *p, const float *dy, const float *x, const float *gamma,
                           const float *rstd, float *dx, float *dgamma, float *gauge_dx, float *gauge_dgamma);
int reference_adamw_step(const struct adamw_params *p, const int64_t *count, const float *lr_mult,
                         const float *weight_decay, const float *g, float *w, float *m, float *v, float *stats,
                         float *gauge_w, float *gauge_m, float *gauge_v, float *gauge_stats);
int reference_gatednorm_bwd(const struct gatednorm_params *p, const float *x, const float *g, const float *w1,
                            const float *w2, const float *w3, const float *a, const float *dy, float *dx, float *dg,
                            float *dw1, float *dw2, float *dw3, float *da, float *gauge_dx, float *gauge_dg,
                            float *gauge_dw1, float *gauge_dw2, float *gauge_dw3, float *gauge_da);
int reference_selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                             const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last,
                             float *gauge_y, float *gauge_h_last);

/* Dimensions rows, n. */
static void center_rows_lay_out(struct peers_problem *problem) {
    peers_floats(problem, "x", problem->dim[0] * problem->dim[1], 0.5, 2);
    peers_output(problem, "y", problem->dim[0] * problem->dim[1]);
}

static int center_rows_reference(const struct peers_problem *problem) {
    return reference_center_rows((int32_t)problem->dim[0], (int32_t)problem->dim[1], peers_at(problem, 0),
                                 peers_at(problem, 1), NULL);
}

/* Dimensions b, h, t, d. */
static void attention_lay_out(struct peers_problem *problem) {
    const size_t *dim = problem->dim, count = dim[0] * dim[1] * dim[2] * dim[3];
    peers_floats(problem, "q", count, 0, 1);
    peers_floats(problem, "k", count, 0, 1);
    peers_floats(problem, "v", count, 0, 1);
    peers_output(problem, "o", count);
}

static int attention_reference(const struct peers_problem *problem) {
    const size_t *dim = problem->dim;
    const struct attention_params p = {(int32_t)dim[0],         (int32_t)dim[1], (int32_t)dim[2], (int32_t)dim[3], 1,
                                       1 / sqrtf((float)dim[3])};
    return reference_attention_causal(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2), NULL,
                                      peers_at(problem, 3), NULL);
}

/* Dimensions rows, n. */
static void layernorm_fwd_lay_out(struct peers_problem *problem) {
    const size_t rows = problem->dim[0], n = problem->dim[1];
    peers_floats(problem, "x", rows * n, 0.5, 2);
    peers_floats(problem, "gamma", n, 0.7, 1);
    peers_floats(problem, "beta", n, 0, 1);
    peers_output(problem, "y", rows * n);
    peers_output(problem, "mean", rows);
    peers_output(problem, "rstd", rows);
}

static int layernorm_fwd_reference(const struct peers_problem *problem) {
    const struct layernorm_params p = {(int32_t)problem->dim[0], (int32_t)problem->dim[1], 0, 1e-5f};
    return reference_layernorm_fwd(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                   peers_at(problem, 3), peers_at(problem, 4), peers_at(problem, 5), NULL, NULL, NULL);
}

/* The saved statistics are inputs, so they must be those of x. */
static void save_statistics(size_t rows, size_t n, const float *x, bool centred, float *mean, float *rstd) {
    for (size_t r = 0; r < rows; r++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; centred && i < n; i++)
            sum += (double)x[r * n + i];
        const double centre = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += ((double)x[r * n + i] - centre) * ((double)x[r * n + i] - centre);
        if (centred)
            mean[r] = (float)centre;
        rstd[r] = (float)(1 / sqrt(squares / (double)n + 1e-5));
    }
}

static void layernorm_bwd_lay_out(struct peers_problem *problem) {
    const size_t rows = problem->dim[0], n = problem->dim[1];
    peers_floats(problem, "dy", rows * n, 0.3, 1);
    const float *x = peers_floats(problem, "x", rows * n, 0.5, 2);
    peers_floats(problem, "gamma", n, 0.7, 1);
    float *mean = peers_floats(problem, "mean", rows, 0, 0);
    save_statistics(rows, n, x, true, mean, peers_floats(problem, "rstd", rows, 0, 0));
    peers_output(problem, "dx", rows * n);
    peers_output(problem, "dgamma", n);
    peers_output(problem, "dbeta", n);
}

static int layernorm_bwd_reference(const struct peers_problem *problem) {
    const struct layernorm_params p = {(int32_t)problem->dim[0], (int32_t)problem->dim[1], 0, 1e-5f};
    return reference_layernorm_bwd(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                   peers_at(problem, 3), peers_at(problem, 4), peers_at(problem, 5),
                                   peers_at(problem, 6), peers_at(problem, 7), NULL, NULL, NULL);
}

/* Dimensions n, v. */
static void xent_lay_out(struct peers_problem *problem) {
    const size_t n = problem->dim[0], v = problem->dim[1];
    peers_floats(problem, "logits", n * v, 0, 2);
    int32_t *target = peers_integers(problem, "target", "i32", n);
    for (size_t i = 0; i < n; i++)
        target[i] = (int32_t)(i * 7919 % v);
    peers_output(problem, "row_loss", n);
    peers_output(problem, "dlogits", n * v);
}

static int xent_reference(const struct peers_problem *problem) {
    const int32_t n = (int32_t)problem->dim[0], v = (int32_t)problem->dim[1];
    const struct softmax_xent_params p = {n, v, v, -100, 0};
    return reference_softmax_xent(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                  peers_at(problem, 3), NULL, NULL);
}

/* Dimensions rows, n. */
static void rms_norm_fwd_lay_out(struct peers_problem *problem) {
    const size_t rows = problem->dim[0], n = problem->dim[1];
    peers_floats(problem, "x", rows * n, 0.3, 1.7);
    peers_floats(problem, "gamma", n, 0.8, 0.4);
    peers_output(problem, "y", rows * n);
    peers_output(problem, "rstd", rows);
}

static int rms_norm_fwd_reference(const struct peers_problem *problem) {
    const struct rms_norm_params p = {(int32_t)problem->dim[0], (int32_t)problem->dim[1], 1e-5f};
    return reference_rms_norm_fwd(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                  peers_at(problem, 3), NULL, NULL);
}

static void rms_norm_bwd_lay_out(struct peers_problem *problem) {
    const size_t rows = problem->dim[0], n = problem->dim[1];
    peers_floats(problem, "dy", rows * n, 0.2, 0.6);
    const float *x = peers_floats(problem, "x", rows * n, 0.3, 1.7);
    peers_floats(problem, "gamma", n, 0.8, 0.4);
    save_statistics(rows, n, x, false, NULL, peers_floats(problem, "rstd", rows, 0, 0));
    peers_output(problem, "dx", rows * n);
    peers_output(problem, "dgamma", n);
}

static int rms_norm_bwd_reference(const struct peers_problem *problem) {
    const struct rms_norm_params p = {(int32_t)problem->dim[0], (int32_t)problem->dim[1], 1e-5f};
    return reference_rms_norm_bwd(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                  peers_at(problem, 3), peers_at(problem, 4), peers_at(problem, 5), NULL, NULL);
}

/* Dimensions n, groups. The gradient is so large that it is clipped. */
static void adamw_lay_out(struct peers_problem *problem) {
    const size_t n = problem->dim[0], groups = problem->dim[1];
    int64_t *count = peers_integers(problem, "count", "i64", groups);
    for (size_t k = 0; k < groups; k++)
        count[k] = (int64_t)((k + 1) * n / groups - k * n / groups);
    float *lr_mult = peers_floats(problem, "lr_mult", groups, 1, 0.1);
    float *decay = peers_floats(problem, "weight_decay", groups, 0.1, 0.01);
    for (size_t k = 0; k < groups; k++) {
        lr_mult[k] = 0.5f + (float)k / (float)groups;
        decay[k] = 0.1f;
    }
    peers_floats(problem, "g", n, 0.1, 0.7);
    peers_state(problem, "w", n, 0.1, 0.6);
    peers_state(problem, "m", n, 0.01, 0.03);
    float *v = peers_state(problem, "v", n, 0, 0.05);
    for (size_t i = 0; i < n; i++)
        v[i] *= v[i];
}

static int adamw_reference(const struct peers_problem *problem) {
    float stats[3];
    const struct adamw_params p = {.n = (int64_t)problem->dim[0],
                                   .groups = (int32_t)problem->dim[1],
                                   .step = 300,
                                   .warmup = 100,
                                   .decay_steps = 1000,
                                   .lr_peak = 0.03f,
                                   .lr_min = 0.002f,
                                   .beta1 = 0.9f,
                                   .beta2 = 0.95f,
                                   .eps = 1e-8f,
                                   .clip = 1};
    return reference_adamw_step(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                peers_at(problem, 3), peers_at(problem, 4), peers_at(problem, 5), peers_at(problem, 6),
                                stats, NULL, NULL, NULL, NULL);
}

/* Dimensions n, d, f. */
static void gatednorm_lay_out(struct peers_problem *problem) {
    const size_t n = problem->dim[0], d = problem->dim[1], f = problem->dim[2];
    peers_floats(problem, "x", n * d, 0.3, 1.5);
    peers_floats(problem, "g", d, 0.8, 0.4);
    peers_floats(problem, "w1", d * f, 0, 1.2 / sqrt((double)d));
    peers_floats(problem, "w2", d * f, 0.02, 1.1 / sqrt((double)d));
    peers_floats(problem, "w3", f * d, 0, 1.3 / sqrt((double)f));
    peers_floats(problem, "a", 1, 0.3, 0);
    peers_floats(problem, "dy", n * d, 0.1, 0.8);
    peers_output(problem, "dx", n * d);
    peers_output(problem, "dg", d);
    peers_output(problem, "dw1", d * f);
    peers_output(problem, "dw2", d * f);
    peers_output(problem, "dw3", f * d);
    peers_output(problem, "da", 1);
}

static int gatednorm_reference(const struct peers_problem *problem) {
    const struct gatednorm_params p = {
        (int32_t)problem->dim[0], (int32_t)problem->dim[1], (int32_t)problem->dim[2], 0, 0, 1e-5f};
    return reference_gatednorm_bwd(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                   peers_at(problem, 3), peers_at(problem, 4), peers_at(problem, 5),
                                   peers_at(problem, 6), peers_at(problem, 7), peers_at(problem, 8),
                                   peers_at(problem, 9), peers_at(problem, 10), peers_at(problem, 11),
                                   peers_at(problem, 12), NULL, NULL, NULL, NULL, NULL, NULL);
}

/* Dimensions b, t, c, s and whether the step is a softplus. */
static void scan_lay_out(struct peers_problem *problem) {
    const size_t b = problem->dim[0], t = problem->dim[1], c = problem->dim[2], s = problem->dim[3];
    peers_floats(problem, "u", b * t * c, 0.3, 1.2);
    float *delta = peers_floats(problem, "delta", b * t * c, 0.3, 0.1);
    for (size_t i = 0; i < b * t * c; i++)
        delta[i] = fabsf(delta[i]);
    float *A = peers_floats(problem, "A", c * s, -4, 1);
    for (size_t i = 0; i < c * s; i++)
        A[i] = -fabsf(A[i]) - 0.1f;
    peers_floats(problem, "B", b * t * s, 0.4, 1.3);
    peers_floats(problem, "C", b * t * s, -0.5, 0.8);
    peers_floats(problem, "D", c, 0.7, 0.4);
    peers_output(problem, "y", b * t * c);
    peers_output(problem, "h_last", b * c * s);
}

static int scan_reference(const struct peers_problem *problem) {
    const size_t *dim = problem->dim;
    const struct selective_scan_params p = {(int32_t)dim[0], (int32_t)dim[1], (int32_t)dim[2], (int32_t)dim[3],
                                            (int32_t)dim[4]};
    return reference_selective_scan(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                    peers_at(problem, 3), peers_at(problem, 4), peers_at(problem, 5), NULL,
                                    peers_at(problem, 6), peers_at(problem, 7), NULL, NULL);
}

static const struct peers_operation operations[] = {
    {"center_rows", center_rows_lay_out, center_rows_reference},
    {"attention", attention_lay_out, attention_reference},
    {"layernorm_fwd", layernorm_fwd_lay_out, layernorm_fwd_reference},
    {"layernorm_bwd", layernorm_bwd_lay_out, layernorm_bwd_reference},
    {"softmax_xent", xent_lay_out, xent_reference},
    {"rms_norm_fwd", rms_norm_fwd_lay_out, rms_norm_fwd_reference},
    {"rms_norm_bwd", rms_norm_bwd_lay_out, rms_norm_bwd_reference},
    {"adamw", adamw_lay_out, adamw_reference},
    {"gatednorm_bwd", gatednorm_lay_out, gatednorm_reference},
    {"selective_scan", scan_lay_out, scan_reference},
};

const struct peers_operation *peers_operation_named(const char *name) {
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    for (const struct peers_operation *model = peers_models; model->name != NULL; model++)
        if (strcmp(model->name, name) == 0)
            return model;
    return NULL;
}
