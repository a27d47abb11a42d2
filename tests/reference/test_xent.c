/* SPDX-License-Identifier: MIT */
/* Softmax cross-entropy in both builds against long double loops that share no code with it, and against what must hold
 * whatever the numbers are: gradients of a row sum to 0, a shift of all logits changes nothing, differences of the loss
 * are the gradient. */
#define REAL_IS_DOUBLE 1
#include "reference/xent.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The header declares the build that REAL_IS_DOUBLE names; the other one is linked as well. */
void xent_f32(const struct xent_shape *shape, const float *logits, const int32_t *target, float *row_loss,
              float *gradient);
void xent_plain_f32(const struct xent_shape *shape, const float *logits, const int32_t *target, float *row_loss,
                    float *gradient);

typedef void wide_fn(const struct xent_shape *, const double *, const int32_t *, double *, double *);
typedef void narrow_fn(const struct xent_shape *, const float *, const int32_t *, float *, float *);

static wide_fn *const wide[] = {xent, xent_plain};
static narrow_fn *const narrow[] = {xent_f32, xent_plain_f32};

enum { ROWS = 9, CLASSES = 300, PADDED = CLASSES + 7, BUILDS = 2 };
enum { FLOAT_BOUND = 3 }; /* in units of u*gauge; the largest seen is 1.31 */

struct answer {
    double loss[ROWS], gradient[ROWS * CLASSES];
};

struct problem {
    struct xent_shape shape;
    double logits[ROWS * PADDED]; /* values that float32 holds exactly */
    int32_t target[ROWS];
    struct answer truth, gauge;
};

static double random_unit(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 33) / 0x1p31;
}

/* The definition, term by term; also the gauges of the header's comment. */
static void solve_row(struct problem *p, size_t i, long double counted) {
    size_t v = p->shape.v, t = (size_t)p->target[i];
    const double *x = p->logits + i * p->shape.ldx;
    long double s = p->shape.smoothing, top = x[0], z = 0, mean = 0, spread = 0, distance = 0;
    for (size_t j = 0; j < v; j++)
        top = x[j] > top ? x[j] : top;
    for (size_t j = 0; j < v; j++) {
        z += expl(x[j] - top);
        mean += x[j] / (long double)v;
        distance += (top - x[j]) / (long double)v;
    }
    for (size_t j = 0; j < v; j++)
        spread += expl(x[j] - top) / z * (top - x[j]);
    long double lse = top + logl(z);
    p->truth.loss[i] = (double)((1 - s) * (lse - x[t]) + s * (lse - mean));
    p->gauge.loss[i] = (double)(fabsl(logl(z)) + fabsl(lse) + 1 + spread + (1 - s) * (top - x[t]) + s * distance);
    for (size_t j = 0; j < v; j++) {
        long double share = expl(x[j] - lse), hot = j == t;
        p->truth.gradient[i * v + j] = (double)((share - s / (long double)v - (1 - s) * hot) / counted);
        p->gauge.gradient[i * v + j] =
            (double)((share * (2 + top - x[j] + spread + fabsl(lse)) + s / (long double)v + hot) / counted);
    }
}

static void solve(struct problem *p) {
    size_t counted = 0;
    memset(&p->truth, 0, sizeof p->truth);
    memset(&p->gauge, 0, sizeof p->gauge);
    for (size_t i = 0; i < p->shape.n; i++)
        counted += p->target[i] != p->shape.ignore_index;
    for (size_t i = 0; i < p->shape.n; i++)
        if (p->target[i] != p->shape.ignore_index)
            solve_row(p, i, counted);
}

/* Padding holds NaN; the rows that an ignoring problem leaves out are 1, 4, 7. */
static struct problem *problem_new(size_t n, size_t v, double smoothing, double sd, double mean, int ignoring) {
    struct problem *p = calloc(1, sizeof *p);
    ck_assert_ptr_nonnull(p);
    uint64_t state = n * 1000 + v;
    p->shape = (struct xent_shape){.n = n, .v = v, .ldx = v + 7, .ignore_index = -100, .smoothing = smoothing};
    for (size_t k = 0; k < n * p->shape.ldx; k++) {
        double sum = random_unit(&state) + random_unit(&state) + random_unit(&state) + random_unit(&state) - 2;
        p->logits[k] = k % p->shape.ldx < v ? (double)(float)(mean + sd * 1.7320508 * sum) : NAN;
    }
    for (size_t i = 0; i < n; i++)
        p->target[i] = ignoring && i % 3 == 1 ? -100 : (int32_t)(random_unit(&state) * (double)v);
    solve(p);
    return p;
}

static void run_narrow(const struct problem *p, narrow_fn *f, struct answer *out) {
    static float logits[ROWS * PADDED], loss[ROWS], gradient[ROWS * CLASSES];
    for (size_t k = 0; k < p->shape.n * p->shape.ldx; k++)
        logits[k] = (float)p->logits[k];
    memset(loss, 0xff, sizeof loss);
    memset(gradient, 0xff, sizeof gradient);
    f(&p->shape, logits, p->target, loss, gradient);
    for (size_t i = 0; i < p->shape.n; i++)
        out->loss[i] = (double)loss[i];
    for (size_t k = 0; k < p->shape.n * p->shape.v; k++)
        out->gradient[k] = (double)gradient[k];
}

/* Largest error in units of `unit` times the gauge; infinite when something is NaN. A gauge of 0 asks for exactness,
 * but for the results below the normal range of float32, which may be flushed. */
static double worst(const double *got, const double *truth, const double *gauge, size_t count, double unit) {
    double ratio = 0;
    for (size_t i = 0; i < count; i++) {
        double error = fabs(got[i] - truth[i]);
        if (error <= 0x1p-126 && fabs(truth[i]) < 0x1p-126)
            continue;
        double r = error / (unit * gauge[i] + 0x1p-149);
        if (!(r <= ratio))
            ratio = r == r ? r : (double)INFINITY;
    }
    return ratio;
}

static double distance(const struct problem *p, const struct answer *a, double unit) {
    double loss = worst(a->loss, p->truth.loss, p->gauge.loss, p->shape.n, unit);
    double rest = worst(a->gradient, p->truth.gradient, p->gauge.gradient, p->shape.n * p->shape.v, unit);
    return loss > rest ? loss : rest;
}

static void check_problem(struct problem *p) {
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    for (size_t b = 0; b < BUILDS; b++) {
        memset(a, 0xff, sizeof *a);
        wide[b](&p->shape, p->logits, p->target, a->loss, a->gradient);
        ck_assert_double_le(distance(p, a, 0x1p-53), 16);
        run_narrow(p, narrow[b], a);
        ck_assert_double_le(distance(p, a, 0x1p-24), FLOAT_BOUND);
    }
    free(a);
    free(p);
}

static const struct {
    size_t n, v;
    double smoothing, sd, mean;
    int ignoring;
} shapes[] = {
    {.n = 1, .v = 1, .sd = 1},
    {.n = 1, .v = 2, .sd = 1},
    {.n = 5, .v = 7, .sd = 2},
    {.n = 3, .v = 65, .sd = 2, .smoothing = 0.1},
    {.n = 8, .v = 257, .sd = 2, .ignoring = 1},
    {.n = 9, .v = 300, .sd = 2, .smoothing = 0.25, .ignoring = 1},
    {.n = 4, .v = 33, .sd = 0, .mean = 3},
    {.n = 6, .v = 40, .sd = 80, .smoothing = 0.1},
    {.n = 6, .v = 100, .sd = 80},
    {.n = 5, .v = 50, .sd = 2, .mean = 1e4},
    {.n = 5, .v = 50, .sd = 2, .mean = -1e4, .smoothing = 0.1},
    {.n = 3, .v = 19, .sd = 2, .smoothing = 1},
    {.n = 4, .v = 31, .sd = 1e30},
    {.n = 4, .v = 31, .sd = 1e30, .smoothing = 0.5},
};

START_TEST(agrees_with_long_double) {
    check_problem(problem_new(shapes[_i].n, shapes[_i].v, shapes[_i].smoothing, shapes[_i].sd, shapes[_i].mean,
                              shapes[_i].ignoring));
}
END_TEST

/* The comparison above must see a defect of a few 1e-6 in a single element. */
START_TEST(comparison_can_fail) {
    struct problem *p = problem_new(5, 7, 0.1, 2, 0, 1);
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    run_narrow(p, xent_f32, a);
    ck_assert_double_le(distance(p, a, 0x1p-24), FLOAT_BOUND);
    a->gradient[3] += 4e-6;
    ck_assert_double_gt(distance(p, a, 0x1p-24), FLOAT_BOUND);
    a->gradient[3] = NAN;
    ck_assert_double_gt(distance(p, a, 0x1p-24), FLOAT_BOUND);
    free(a);
    free(p);
}
END_TEST

START_TEST(gradient_rows_sum_to_zero) {
    struct problem *p = problem_new(9, 300, _i ? 0.3 : 0, 3, 1, 0);
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    wide[0](&p->shape, p->logits, p->target, a->loss, a->gradient);
    for (size_t i = 0; i < 9; i++) {
        double sum = 0;
        for (size_t j = 0; j < 300; j++)
            sum += a->gradient[i * 300 + j];
        ck_assert_double_eq_tol(sum, 0, 1e-15);
    }
    free(a);
    free(p);
}
END_TEST

/* 8 is added without rounding: the logits are float32 values below 64, held in doubles. */
START_TEST(shift_changes_nothing) {
    struct problem *p = problem_new(6, 80, 0.1, 3, 0, 1);
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    for (size_t k = 0; k < p->shape.n * p->shape.ldx; k++)
        p->logits[k] += 8;
    wide[_i](&p->shape, p->logits, p->target, a->loss, a->gradient);
    ck_assert_double_le(distance(p, a, 0x1p-53), 16);
    free(a);
    free(p);
}
END_TEST

static double mean_loss(const struct problem *p, size_t counted, struct answer *scratch) {
    double sum = 0;
    xent(&p->shape, p->logits, p->target, scratch->loss, scratch->gradient);
    for (size_t i = 0; i < p->shape.n; i++)
        sum += scratch->loss[i];
    return sum / (double)counted;
}

START_TEST(gradient_is_the_derivative) {
    struct problem *p = problem_new(5, 17, _i ? 0.2 : 0, 2, 0, 1);
    struct answer *a = malloc(2 * sizeof *a);
    ck_assert_ptr_nonnull(a);
    xent(&p->shape, p->logits, p->target, a[0].loss, a[0].gradient);
    const double h = 1e-4;
    for (size_t k = 0; k < 5 * 17; k++) {
        double *x = &p->logits[k / 17 * p->shape.ldx + k % 17], kept = *x;
        *x = kept + h;
        double up = mean_loss(p, 3, &a[1]);
        *x = kept - h;
        double down = mean_loss(p, 3, &a[1]);
        *x = kept;
        ck_assert_double_eq_tol((up - down) / (2 * h), a[0].gradient[k], 1e-8);
    }
    free(a);
    free(p);
}
END_TEST

START_TEST(ignored_rows_are_exact_zeros) {
    struct problem *p = problem_new(6, 40, 0.1, 2, 0, 0);
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    p->shape.ignore_index = 3; /* a class as well */
    for (size_t i = 0; i < 6; i++)
        p->target[i] = 3;
    for (size_t b = 0; b < 2 * BUILDS; b++) {
        memset(a, 0xff, sizeof *a);
        if (b < BUILDS)
            wide[b](&p->shape, p->logits, p->target, a->loss, a->gradient);
        else
            run_narrow(p, narrow[b - BUILDS], a);
        for (size_t i = 0; i < 6; i++)
            ck_assert_double_eq(a->loss[i], 0);
        for (size_t k = 0; k < 6 * 40; k++)
            ck_assert_double_eq(a->gradient[k], 0);
    }
    free(a);
    free(p);
}
END_TEST

START_TEST(empty_shapes) {
    struct xent_shape none = {.n = 0, .v = 5, .ldx = 5, .ignore_index = -100};
    struct xent_shape narrowest = {.n = 2, .v = 0, .ldx = 0, .ignore_index = -100};
    const int32_t target[2] = {-100, -100};
    for (size_t b = 0; b < BUILDS; b++) {
        double loss[2] = {7, 7};
        float loss32[2] = {7, 7};
        wide[b](&none, NULL, NULL, NULL, NULL);
        narrow[b](&none, NULL, NULL, NULL, NULL);
        wide[b](&narrowest, NULL, target, loss, NULL);
        narrow[b](&narrowest, NULL, target, loss32, NULL);
        ck_assert_double_eq(loss[0] + loss[1] + (double)(loss32[0] + loss32[1]), 0);
    }
    xent_gauge(&none, NULL, NULL, NULL, NULL);
    xent_gauge(&narrowest, NULL, target, NULL, NULL);
}
END_TEST

/* Distances at which exp(x - max) leaves the normal range, its subnormals, and everything. */
START_TEST(far_below_the_maximum) {
    static const double x[] = {50, -36, -37.3, -37.5, -37.7, -38.1, -38.3, -50, -100, -1e4, -1e30, -3e38};
    struct problem *p = problem_new(1, 12, 0, 1, 0, 0);
    memcpy(p->logits, x, sizeof x);
    for (size_t j = 0; j < 12; j++)
        p->logits[j] = (double)(float)x[j];
    p->target[0] = _i;
    solve(p);
    check_problem(p);
}
END_TEST

START_TEST(gauges_follow_the_formula) {
    struct problem *p = problem_new(9, 123, _i ? 0.2 : 0, 4, 5, 1);
    struct answer *a = malloc(sizeof *a);
    ck_assert_ptr_nonnull(a);
    memset(a, 0xff, sizeof *a);
    xent_gauge(&p->shape, p->logits, p->target, a->loss, NULL);
    xent_gauge(&p->shape, p->logits, p->target, NULL, a->gradient);
    ck_assert_double_le(worst(a->loss, p->gauge.loss, p->gauge.loss, 9, 1e-13), 1);
    ck_assert_double_le(worst(a->gradient, p->gauge.gradient, p->gauge.gradient, 9 * 123, 1e-13), 1);
    ck_assert_double_eq(a->loss[1], 0);
    free(a);
    free(p);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("xent");
    TCase *values = tcase_create("values"), *laws = tcase_create("laws"), *edges = tcase_create("edges");
    tcase_add_loop_test(values, agrees_with_long_double, 0, (int)(sizeof shapes / sizeof shapes[0]));
    tcase_add_test(values, comparison_can_fail);
    tcase_add_loop_test(values, gauges_follow_the_formula, 0, 2);
    tcase_add_loop_test(laws, gradient_rows_sum_to_zero, 0, 2);
    tcase_add_loop_test(laws, shift_changes_nothing, 0, BUILDS);
    tcase_add_loop_test(laws, gradient_is_the_derivative, 0, 2);
    tcase_add_test(edges, ignored_rows_are_exact_zeros);
    tcase_add_test(edges, empty_shapes);
    tcase_add_loop_test(edges, far_below_the_maximum, 0, 12);
    suite_add_tcase(suite, values);
    suite_add_tcase(suite, laws);
    suite_add_tcase(suite, edges);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
