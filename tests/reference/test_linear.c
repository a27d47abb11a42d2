/* SPDX-License-Identifier: MIT */
/* The linear layer in both precisions and both variants against long double loops. Errors are counted in units of
 * rounding times sum |a||b|, which is the most that a sum of products may lose per term. */
#define REAL_IS_DOUBLE 1
#include "reference/linear.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The float32 build is linked as well; its header would redefine `real`. */
void linear_forward_f32(const struct linear_shape *s, const float *x, const float *w, const float *b, float *y);
void linear_forward_plain_f32(const struct linear_shape *s, const float *x, const float *w, const float *b, float *y);
void linear_backward_f32(const struct linear_shape *s, const float *x, const float *w, const float *dy, bool accumulate,
                         float *dx, float *dw, float *db);
void linear_backward_plain_f32(const struct linear_shape *s, const float *x, const float *w, const float *dy,
                               bool accumulate, float *dx, float *dw, float *db);

static const struct linear_shape shapes[] = {{1, 1, 1}, {3, 5, 7}, {33, 17, 9}, {128, 32, 96}, {2, 64, 1},
                                             {0, 4, 3}, {4, 0, 3}, {4, 3, 0},   {0, 0, 0},     {65, 1, 31}};
enum { SHAPES = sizeof shapes / sizeof shapes[0], MOST = 128 * 96 };

enum tensor { X, W, B, DY, OLD_DW, OLD_DB, INPUTS };
enum output { Y, DX, DW, DB, OUTPUTS };

/* Numbers that float32 holds exactly, and the answers with their gauges. */
struct problem {
    struct linear_shape s;
    bool accumulate;
    double in[INPUTS][MOST], truth[OUTPUTS][MOST], gauge[OUTPUTS][MOST];
    size_t count[OUTPUTS];
};

struct answer {
    double value[OUTPUTS][MOST];
};

static void add_product(struct problem *p, enum output t, size_t at, double a, double b) {
    p->truth[t][at] = (double)((long double)p->truth[t][at] + (long double)a * b);
    p->gauge[t][at] += fabs(a * b);
}

static void solve(struct problem *p) {
    size_t in = p->s.in, out = p->s.out;
    for (size_t r = 0; r < p->s.rows; r++)
        for (size_t j = 0; j < out; j++)
            add_product(p, Y, r * out + j, p->in[B][j], 1);
    for (size_t i = 0; i < p->count[DW] && p->accumulate; i++)
        add_product(p, DW, i, p->in[OLD_DW][i], 1);
    for (size_t j = 0; j < out && p->accumulate; j++)
        add_product(p, DB, j, p->in[OLD_DB][j], 1);
    for (size_t r = 0; r < p->s.rows; r++)
        for (size_t j = 0; j < out; j++) {
            double dy = p->in[DY][r * out + j];
            add_product(p, DB, j, dy, 1);
            for (size_t i = 0; i < in; i++) {
                add_product(p, Y, r * out + j, p->in[X][r * in + i], p->in[W][i * out + j]);
                add_product(p, DX, r * in + i, dy, p->in[W][i * out + j]);
                add_product(p, DW, i * out + j, dy, p->in[X][r * in + i]);
            }
        }
}

static struct problem *problem_new(const struct linear_shape *s, bool accumulate) {
    struct problem *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    p->s = *s;
    p->accumulate = accumulate;
    p->count[Y] = s->rows * s->out;
    p->count[DX] = s->rows * s->in;
    p->count[DW] = s->in * s->out;
    p->count[DB] = s->out;
    uint64_t state = 7;
    for (size_t t = 0; t < INPUTS; t++)
        for (size_t i = 0; i < MOST; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            p->in[t][i] = (float)((double)(state >> 33) / 0x1p30 - 1);
        }
    solve(p);
    return p;
}

static struct answer *answer_new(const struct problem *p) {
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    for (size_t t = 0; t < OUTPUTS; t++)
        for (size_t i = 0; i < MOST; i++)
            a->value[t][i] = NAN;
    memcpy(a->value[DW], p->in[OLD_DW], sizeof p->in[OLD_DW]);
    memcpy(a->value[DB], p->in[OLD_DB], sizeof p->in[OLD_DB]);
    return a;
}

/* The largest error in units of unit*gauge; infinite for a NaN. */
static double worst(const struct problem *p, const struct answer *a, double unit) {
    double most = 0;
    for (size_t t = 0; t < OUTPUTS; t++)
        for (size_t i = 0; i < p->count[t]; i++) {
            double error = fabs(a->value[t][i] - p->truth[t][i]), allowed = unit * p->gauge[t][i];
            if (!(error <= 1e300 * allowed))
                return INFINITY;
            most = error > most * allowed ? error / allowed : most;
        }
    return most;
}

static void run_wide(const struct problem *p, bool plain, struct answer *a) {
    (plain ? linear_forward_plain : linear_forward)(&p->s, p->in[X], p->in[W], p->in[B], a->value[Y]);
    (plain ? linear_backward_plain : linear_backward)(&p->s, p->in[X], p->in[W], p->in[DY], p->accumulate, a->value[DX],
                                                      a->value[DW], a->value[DB]);
}

static void run_narrow(const struct problem *p, bool plain, struct answer *a) {
    float(*in)[MOST] = malloc(INPUTS * sizeof *in), (*out)[MOST] = malloc(OUTPUTS * sizeof *out);
    ck_assert(in && out);
    for (size_t i = 0; i < INPUTS * MOST; i++)
        in[i / MOST][i % MOST] = (float)p->in[i / MOST][i % MOST];
    for (size_t i = 0; i < OUTPUTS * MOST; i++)
        out[i / MOST][i % MOST] = (float)a->value[i / MOST][i % MOST];
    (plain ? linear_forward_plain_f32 : linear_forward_f32)(&p->s, in[X], in[W], in[B], out[Y]);
    (plain ? linear_backward_plain_f32 : linear_backward_f32)(&p->s, in[X], in[W], in[DY], p->accumulate, out[DX],
                                                              out[DW], out[DB]);
    for (size_t i = 0; i < OUTPUTS * MOST; i++)
        a->value[i / MOST][i % MOST] = (double)out[i / MOST][i % MOST];
    free(in), free(out);
}

START_TEST(all_four_agree_with_the_definition) {
    for (int accumulate = 0; accumulate < 2; accumulate++)
        for (int plain = 0; plain < 2; plain++) {
            struct problem *p = problem_new(&shapes[_i], accumulate);
            struct answer *wide = answer_new(p), *narrow = answer_new(p);
            run_wide(p, plain, wide);
            run_narrow(p, plain, narrow);
            ck_assert_double_le(worst(p, wide, 0x1p-53), 16);
            ck_assert_double_le(worst(p, narrow, 0x1p-24), 16);
            for (size_t t = 0; t < OUTPUTS; t++) {
                ck_assert(p->count[t] == MOST || isnan(wide->value[t][p->count[t]]) || t == DW || t == DB);
                if (p->count[t] == 0)
                    continue;
                size_t last = p->count[t] - 1;
                double kept = wide->value[t][last];
                wide->value[t][last] += 1e-6 * p->gauge[t][last] + 1e-30;
                ck_assert_double_gt(worst(p, wide, 0x1p-53), 16);
                wide->value[t][last] = kept;
            }
            free(p), free(wide), free(narrow);
        }
}
END_TEST

/* What is NULL is neither read nor written, and the others come out as before. */
START_TEST(outputs_may_be_left_out) {
    struct problem *p = problem_new(&shapes[2], true);
    struct answer *all = answer_new(p), *one = answer_new(p);
    run_wide(p, _i, all);
    void (*backward)(const struct linear_shape *, const real *, const real *, const real *, bool, real *, real *,
                     real *) = _i ? linear_backward_plain : linear_backward;
    backward(&p->s, NULL, p->in[W], p->in[DY], true, one->value[DX], NULL, NULL);
    backward(&p->s, p->in[X], NULL, p->in[DY], true, NULL, one->value[DW], NULL);
    backward(&p->s, NULL, NULL, p->in[DY], true, NULL, NULL, one->value[DB]);
    for (enum output t = DX; t < OUTPUTS; t++)
        ck_assert_mem_eq(one->value[t], all->value[t], p->count[t] * sizeof(double));

    memset(p->in[B], 0, sizeof p->in[B]);
    run_wide(p, _i, all);
    (_i ? linear_forward_plain : linear_forward)(&p->s, p->in[X], p->in[W], NULL, one->value[Y]);
    for (size_t i = 0; i < p->count[Y]; i++)
        ck_assert_double_le(fabs(one->value[Y][i] - all->value[Y][i]), 0x1p-50 * p->gauge[Y][i]);
    free(p), free(all), free(one);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("linear");
    TCase *cases = tcase_create("linear");
    tcase_add_loop_test(cases, all_four_agree_with_the_definition, 0, SHAPES);
    tcase_add_loop_test(cases, outputs_may_be_left_out, 0, 2);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
