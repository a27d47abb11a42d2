/* SPDX-License-Identifier: MIT */
/* Tapes: a small one by hand, the rules for ties and for zero times infinity, grown tapes of every shape against the
 * complex step and against the identity <wy, J vx> = <J' wy, vx>, and float32 within the gauge. */
#define REAL_IS_DOUBLE 1
#include "reference/tape.h"

#include <check.h>
#include <complex.h>
#include <stdlib.h>

#include "reference/tape_grow.h"

/* The float32 build; the fields are those of struct tape. */
struct tape_narrow {
    size_t nodes, inputs, outputs;
    const int32_t *op, *a, *b;
    const float *c;
    const int32_t *out;
};
int tape_forward_f32(const struct tape_narrow *tape, const float *x, const float *vx, float *y, float *vy);
int tape_reverse_f32(const struct tape_narrow *tape, const float *x, const float *wy, float *y, float *gx);
int tape_forward_plain_f32(const struct tape_narrow *tape, const float *x, const float *vx, float *y, float *vy);
int tape_reverse_plain_f32(const struct tape_narrow *tape, const float *x, const float *wy, float *y, float *gx);

enum { NODES = 700, INPUTS = 9, OUTPUTS = 12 };

/* A grown tape with numbers for everything, exact in float32. */
struct grown {
    int32_t op[NODES], a[NODES], b[NODES], out[OUTPUTS];
    double c[NODES], x[INPUTS], vx[INPUTS], wy[OUTPUTS];
    struct tape tape;
};

static uint64_t next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 34;
}

static double drawn(uint64_t *state, enum tape_shape shape) {
    const double unit = (double)next(state) * 0x1p-30;
    if (shape == SHAPE_TIES)
        return floor(5 * unit) - 2;
    return (double)(float)(shape == SHAPE_QUOTIENTS ? exp(6 * unit - 4) : 3 * unit - 1.2);
}

static struct grown *grown_new(enum tape_shape shape, uint64_t seed) {
    struct grown *g = calloc(1, sizeof *g);
    ck_assert_ptr_nonnull(g);
    uint64_t state = seed * 12345 + shape;
    for (size_t i = 0; i < NODES; i++) {
        g->a[i] = (int32_t)next(&state);
        g->b[i] = (int32_t)next(&state);
        g->c[i] = drawn(&state, shape);
    }
    for (size_t j = 0; j < INPUTS; j++) {
        g->x[j] = drawn(&state, shape);
        g->vx[j] = drawn(&state, SHAPE_RANDOM);
    }
    for (size_t k = 0; k < OUTPUTS; k++) {
        g->out[k] = (int32_t)next(&state);
        g->wy[k] = drawn(&state, SHAPE_RANDOM);
    }
    const struct tape_draft draft = {.shape = shape,
                                     .nodes = NODES,
                                     .inputs = INPUTS,
                                     .outputs = OUTPUTS,
                                     .x = g->x,
                                     .op = g->op,
                                     .a = g->a,
                                     .b = g->b,
                                     .out = g->out,
                                     .c = g->c};
    ck_assert_int_eq(tape_grow(&draft), 0);
    g->tape = (struct tape){NODES, INPUTS, OUTPUTS, g->op, g->a, g->b, g->c, g->out};
    return g;
}

static double complex complex_node(int32_t op, double complex a, double complex b) {
    switch (op) {
    case NODE_ADD:
        return a + b;
    case NODE_SUB:
        return a - b;
    case NODE_MUL:
        return a * b;
    case NODE_DIV:
        return a / b;
    case NODE_EXP:
        return cexp(a);
    case NODE_LOG:
        return clog(a);
    case NODE_TANH:
        return ctanh(a);
    case NODE_SQRT:
        return csqrt(a);
    case NODE_MAX:
        return creal(a) >= creal(b) ? a : b;
    case NODE_ABS:
        return creal(a) > 0 ? a : creal(a) < 0 ? -a : 0;
    default:
        return creal(a) > 0 ? a : 0;
    }
}

/* Im f(x + ih vx)/h: a derivative without a difference. */
static void complex_step(const struct grown *g, double *vy) {
    static double complex v[NODES];
    const double h = 1e-40;
    for (size_t i = 0; i < NODES; i++) {
        if (g->op[i] == NODE_INPUT)
            v[i] = CMPLX(g->x[g->a[i]], h * g->vx[g->a[i]]);
        else if (g->op[i] == NODE_CONST)
            v[i] = g->c[i];
        else
            v[i] = complex_node(g->op[i], v[g->a[i]], v[g->b[i]]);
        if (fabs(creal(v[i])) < h) /* h*h, which would decide ties at 0 */
            v[i] = CMPLX(0, cimag(v[i]));
    }
    for (size_t k = 0; k < OUTPUTS; k++)
        vy[k] = cimag(v[g->out[k]]) / h;
}

static double worst(size_t n, const double *want, const double *got, const double *gauge, double u) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        ck_assert(isfinite(got[i]));
        most = fmax(most, fabs(got[i] - want[i]) / (u * gauge[i] + 1e-300));
    }
    return most;
}

START_TEST(grown_tapes_are_valid_and_finite) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct grown *g = grown_new((enum tape_shape)_i, seed), *other = grown_new((enum tape_shape)_i, seed + 100);
        double y[OUTPUTS], vy[OUTPUTS], gx[INPUTS];
        size_t seen[NODE_KINDS] = {0};
        ck_assert(tape_is_valid(&g->tape));
        ck_assert_int_eq(tape_forward(&g->tape, g->x, g->vx, y, vy), 0);
        ck_assert_int_eq(tape_reverse(&g->tape, g->x, g->wy, y, gx), 0);
        for (size_t k = 0; k < OUTPUTS; k++)
            ck_assert(isfinite(y[k]) && isfinite(vy[k]));
        for (size_t j = 0; j < INPUTS; j++)
            ck_assert(isfinite(gx[j]));
        for (size_t i = 0; i < NODES; i++) {
            seen[g->op[i]]++;
            ck_assert_int_eq(g->op[i] == NODE_INPUT, other->op[i] == NODE_INPUT);
            ck_assert_int_eq(g->op[i] == NODE_CONST, other->op[i] == NODE_CONST);
        }
        for (int op = 0; op < NODE_KINDS && _i <= SHAPE_FAN_OUT; op++)
            ck_assert_uint_gt(seen[op], 0);
        free(g), free(other);
    }
}
END_TEST

/* Both builds of tangents against the complex step, and both of adjoints by the identity. Roots and logarithms of 0 are
 * beyond the complex step, so the dead shape has the identity only. */
START_TEST(derivatives_are_right) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct grown *g = grown_new((enum tape_shape)_i, seed);
        double y[OUTPUTS], vy[OUTPUTS], want[OUTPUTS], other_y[OUTPUTS], other_vy[OUTPUTS], gx[INPUTS], plain[INPUTS];
        double gauge_vy[OUTPUTS], at_step[OUTPUTS], gauge_gx[INPUTS], left = 0, right = 0, size = 0;
        tape_forward(&g->tape, g->x, g->vx, y, vy);
        tape_forward_plain(&g->tape, g->x, g->vx, other_y, other_vy);
        tape_forward_gauge(&g->tape, g->x, g->vx, NULL, gauge_vy);
        complex_step(g, want);
        for (size_t k = 0; k < OUTPUTS; k++) /* h*vx is rounded, where passing vx on is exact */
            at_step[k] = gauge_vy[k] + fabs(vy[k]);
        if (_i != SHAPE_DEAD)
            ck_assert_double_le(worst(OUTPUTS, want, vy, at_step, 0x1p-53), 64);
        ck_assert_double_le(worst(OUTPUTS, vy, other_vy, gauge_vy, 0x1p-53), 8);
        tape_reverse(&g->tape, g->x, g->wy, other_y, gx);
        ck_assert_mem_eq(y, other_y, sizeof y);
        tape_reverse_plain(&g->tape, g->x, g->wy, other_y, plain);
        tape_reverse_gauge(&g->tape, g->x, g->wy, NULL, gauge_gx);
        ck_assert_double_le(worst(INPUTS, gx, plain, gauge_gx, 0x1p-53), 8);
        for (size_t k = 0; k < OUTPUTS; k++) {
            left += g->wy[k] * vy[k];
            size += fabs(g->wy[k]) * gauge_vy[k];
        }
        for (size_t j = 0; j < INPUTS; j++) {
            right += gx[j] * g->vx[j];
            size += gauge_gx[j] * fabs(g->vx[j]);
        }
        ck_assert_double_le(fabs(left - right), 8 * 0x1p-53 * size);
        free(g);
    }
}
END_TEST

START_TEST(the_objective_has_this_gradient) {
    struct grown *g = grown_new((enum tape_shape)_i, 3);
    double y[OUTPUTS], gx[INPUTS], gauge[INPUTS], scale = 0;
    tape_reverse(&g->tape, g->x, g->wy, y, gx);
    tape_reverse_gauge(&g->tape, g->x, g->wy, NULL, gauge);
    for (size_t k = 0; k < OUTPUTS; k++)
        scale += fabs(g->wy[k] * y[k]);
    for (size_t j = 0; j < INPUTS; j++) {
        const double h = 1e-5 * fmin(1, fabs(g->x[j]) + (_i == SHAPE_TIES));
        double moved[INPUTS] = {0}, up, down;
        moved[j] = h;
        ck_assert_int_eq(tape_objective(&g->tape, g->x, moved, g->wy, &up), 0);
        moved[j] = -h;
        ck_assert_int_eq(tape_objective(&g->tape, g->x, moved, g->wy, &down), 0);
        ck_assert_double_eq_tol((up - down) / (2 * h), gx[j], 1e-6 * gauge[j] + 1e-14 * scale / h);
    }
    free(g);
}
END_TEST

static void narrowed(size_t n, const double *from, float *to) {
    for (size_t i = 0; i < n; i++)
        to[i] = (float)from[i];
}

static void widened(size_t n, const float *from, double *to) {
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from[i];
}

START_TEST(narrow_builds_stay_within_the_gauge) {
    static const struct {
        int (*forward)(const struct tape_narrow *, const float *, const float *, float *, float *);
        int (*reverse)(const struct tape_narrow *, const float *, const float *, float *, float *);
    } build[] = {{tape_forward_f32, tape_reverse_f32}, {tape_forward_plain_f32, tape_reverse_plain_f32}};
    for (uint64_t round = 0; round < 40; round++) {
        struct grown *g = grown_new((enum tape_shape)_i, round / 2);
        static float c[NODES];
        float x[INPUTS], vx[INPUTS], wy[OUTPUTS], y[OUTPUTS], vy[OUTPUTS], gx[INPUTS];
        double wide_y[OUTPUTS], wide_vy[OUTPUTS], wide_gx[INPUTS], got[OUTPUTS];
        double gauge_y[OUTPUTS], gauge_vy[OUTPUTS], gauge_gx[INPUTS];
        narrowed(NODES, g->c, c), narrowed(INPUTS, g->x, x), narrowed(INPUTS, g->vx, vx), narrowed(OUTPUTS, g->wy, wy);
        const struct tape_narrow narrow = {NODES, INPUTS, OUTPUTS, g->op, g->a, g->b, c, g->out};
        tape_forward(&g->tape, g->x, g->vx, wide_y, wide_vy);
        tape_reverse(&g->tape, g->x, g->wy, wide_y, wide_gx);
        tape_forward_gauge(&g->tape, g->x, g->vx, gauge_y, gauge_vy);
        tape_reverse_gauge(&g->tape, g->x, g->wy, gauge_y, gauge_gx);
        ck_assert_int_eq(build[round % 2].forward(&narrow, x, vx, y, vy), 0);
        widened(OUTPUTS, y, got);
        ck_assert_double_le(worst(OUTPUTS, wide_y, got, gauge_y, 0x1p-24), 3);
        widened(OUTPUTS, vy, got);
        ck_assert_double_le(worst(OUTPUTS, wide_vy, got, gauge_vy, 0x1p-24), 3);
        ck_assert_int_eq(build[round % 2].reverse(&narrow, x, wy, y, gx), 0);
        widened(INPUTS, gx, got);
        ck_assert_double_le(worst(INPUTS, wide_gx, got, gauge_gx, 0x1p-24), 3);
        free(g);
    }
}
END_TEST

/* y0 = max(x0, x1)*x0 + |x2|, y1 = relu(x2), with x0 = x1 and x2 = 0. */
START_TEST(ties_go_to_the_first) {
    const int32_t op[] = {NODE_INPUT, NODE_INPUT, NODE_INPUT, NODE_MAX, NODE_MUL, NODE_ABS, NODE_ADD, NODE_RELU};
    const int32_t a[] = {0, 1, 2, 0, 3, 2, 4, 2}, b[] = {0, 0, 0, 1, 0, 0, 5, 0}, out[] = {6, 7};
    const double c[8] = {0}, x[] = {3, 3, 0}, vx[] = {1, 10, 100}, wy[] = {2, 5};
    const struct tape tape = {8, 3, 2, op, a, b, c, out};
    double y[2], vy[2], gx[3];
    ck_assert_int_eq(tape_forward(&tape, x, vx, y, vy), 0);
    ck_assert(y[0] == 9 && y[1] == 0 && vy[0] == 6 && vy[1] == 0);
    ck_assert_int_eq(tape_reverse(&tape, x, wy, y, gx), 0);
    ck_assert(gx[0] == 12 && gx[1] == 0 && gx[2] == 0);
}
END_TEST

/* y = max(x0, log(0*x0)): the branch that is not taken has the derivative infinity. */
START_TEST(zero_times_infinity_is_zero) {
    const int32_t op[] = {NODE_INPUT, NODE_CONST, NODE_MUL, NODE_LOG, NODE_MAX}, a[] = {0, 0, 0, 2, 3};
    const int32_t b[] = {0, 0, 1, 0, 0}, out[] = {4};
    const double c[5] = {0}, x[] = {0.5}, vx[] = {3}, wy[] = {2};
    const struct tape tape = {5, 1, 1, op, a, b, c, out};
    double y, vy, gx;
    for (int plain = 0; plain < 2; plain++) {
        ck_assert_int_eq((plain ? tape_forward_plain : tape_forward)(&tape, x, vx, &y, &vy), 0);
        ck_assert(y == 0.5 && vy == 3);
        ck_assert_int_eq((plain ? tape_reverse_plain : tape_reverse)(&tape, x, wy, &y, &gx), 0);
        ck_assert(y == 0.5 && gx == 2);
    }
}
END_TEST

START_TEST(broken_tapes_are_refused) {
    struct grown *g = grown_new(SHAPE_RANDOM, 1);
    int32_t *const field[] = {g->op, g->a, g->b};
    const int32_t wrong[] = {NODE_KINDS, 7, 7}, lost = g->out[3];
    for (size_t f = 0; f < 3; f++) { /* node 7 is no leaf */
        const int32_t kept = field[f][7];
        field[f][7] = wrong[f];
        ck_assert(!tape_is_valid(&g->tape));
        field[f][7] = -1;
        ck_assert(!tape_is_valid(&g->tape));
        field[f][7] = kept;
    }
    g->a[0] = INPUTS;
    ck_assert(!tape_is_valid(&g->tape));
    g->a[0] = 0;
    g->out[3] = NODES;
    ck_assert(!tape_is_valid(&g->tape));
    g->out[3] = lost;
    ck_assert(tape_is_valid(&g->tape));
    free(g);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tape");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, grown_tapes_are_valid_and_finite, 0, SHAPE_KINDS);
    tcase_add_loop_test(all, derivatives_are_right, 0, SHAPE_KINDS);
    tcase_add_loop_test(all, the_objective_has_this_gradient, 0, SHAPE_KINDS);
    tcase_add_loop_test(all, narrow_builds_stay_within_the_gauge, 0, SHAPE_KINDS);
    tcase_add_test(all, ties_go_to_the_first);
    tcase_add_test(all, zero_times_infinity_is_zero);
    tcase_add_test(all, broken_tapes_are_refused);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
