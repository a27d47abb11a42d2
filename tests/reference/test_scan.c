/* SPDX-License-Identifier: MIT */
/* The selective scan: both algorithms in both precisions against the recurrence in long double, the gauge as a bound of
 * what float32 loses, and what holds of any such scan: it may be cut anywhere, and it is linear in u and h0. */
#define REAL_IS_DOUBLE 1
#include "reference/scan.h"

#include <check.h>
#include <stdlib.h>

/* The float32 build, under its own names; the fields are those of struct scan. */
struct scan_narrow {
    size_t batches, tokens, channels, states;
    bool softplus;
    const float *u, *delta, *A, *B, *C, *D, *h0;
};
void scan_softplus_f32(const float *x, size_t n, float *out);
int scan_forward_f32(const struct scan_narrow *scan, float *y, float *h_last, float *gauge_y, float *gauge_h_last);
int scan_plain_f32(const struct scan_narrow *scan, float *y, float *h_last);

enum { U, DELTA, A, B, C, D, H0, INPUTS };

struct problem {
    struct scan scan;
    size_t count[INPUTS], outputs, finals;
    double *wide[INPUTS];
    float *narrow[INPUTS];
    double *y, *h; /* by the recurrence */
};

static double drawn(uint64_t *state, double low, double high) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(*state >> 40) * 0x1p-24;
}

static void *room(size_t count, size_t bytes) {
    void *array = calloc(count + 1, bytes);
    ck_assert_ptr_nonnull(array);
    return array;
}

/* The recurrence as it is written, one state at a time. */
static void recurrence(struct problem *p) {
    const struct scan *s = &p->scan;
    long double *y = room(p->outputs, sizeof *y);
    for (size_t i = 0; i < p->finals; i++) {
        const size_t row = i / s->states, b = row / s->channels, c = row % s->channels;
        long double h = s->h0 ? s->h0[i] : 0;
        for (size_t t = 0; t < s->tokens; t++) {
            const size_t token = b * s->tokens + t, at = token * s->channels + c;
            const long double delta = s->delta[at], dt = s->softplus ? log1pl(expl(delta)) : delta;
            const size_t k = token * s->states + i % s->states;
            h = expl(dt * s->A[c * s->states + i % s->states]) * h + dt * s->B[k] * s->u[at];
            y[at] += s->C[k] * h;
        }
        p->h[i] = (double)h;
    }
    for (size_t i = 0; i < p->outputs; i++)
        p->y[i] = (double)(y[i] + (long double)s->D[i % s->channels] * s->u[i]);
    free(y);
}

struct shape {
    size_t b, t, c, s;
    bool softplus, started;
    double low, high; /* of delta */
};

static struct problem *problem_new(const struct shape *shape) {
    static const double low[] = {-0.5, 0, -3, -1, -2, -1, -4}, high[] = {1.5, 0, -0.1, 1.5, 1, 2, 5};
    struct problem *p = room(1, sizeof *p);
    const size_t outputs = shape->b * shape->t * shape->c, row = shape->b * shape->t * shape->s;
    const size_t count[] = {outputs, outputs, shape->c * shape->s, row, row, shape->c, shape->b * shape->c * shape->s};
    uint64_t state = 77 + outputs;
    for (size_t a = 0; a < INPUTS; a++) {
        p->count[a] = count[a];
        p->wide[a] = room(count[a], sizeof(double));
        p->narrow[a] = room(count[a], sizeof(float));
        for (size_t i = 0; i < count[a]; i++) {
            p->narrow[a][i] =
                (float)(a == DELTA ? drawn(&state, shape->low, shape->high) : drawn(&state, low[a], high[a]));
            p->wide[a][i] = (double)p->narrow[a][i];
        }
    }
    p->outputs = outputs;
    p->finals = count[H0];
    p->y = room(outputs, sizeof(double));
    p->h = room(count[H0], sizeof(double));
    p->scan = (struct scan){shape->b,        shape->t,   shape->c,       shape->s,
                            shape->softplus, p->wide[U], p->wide[DELTA], p->wide[A],
                            p->wide[B],      p->wide[C], p->wide[D],     shape->started ? p->wide[H0] : NULL};
    recurrence(p);
    return p;
}

static void problem_free(struct problem *p) {
    for (size_t a = 0; a < INPUTS; a++) {
        free(p->wide[a]);
        free(p->narrow[a]);
    }
    free(p->y);
    free(p->h);
    free(p);
}

static const struct shape shapes[] = {
    {2, 37, 5, 3, false, true, 0.01, 0.7}, {1, 0, 3, 4, false, true, 0, 1},
    {3, 1, 1, 1, true, false, -2, 2},      {1, 700, 33, 2, false, false, 1e-5, 1e-3},
    {2, 65, 70, 17, true, true, -40, 40},  {1, 40, 32, 16, false, true, 15, 200},
    {0, 5, 5, 5, false, false, 0, 1},      {2, 6, 0, 3, true, true, 0, 1},
    {2, 33, 4, 0, false, true, 0, 1},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* The largest error in units of u*gauge, with u of either precision. */
static double worst(size_t n, const double *want, const double *got, const double *gauge, double u) {
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        const double off = fabs(got[i] - want[i]);
        if (off > 0)
            most = fmax(most, off / (u * gauge[i] + 1e-40));
        if (!isfinite(got[i]))
            return INFINITY;
    }
    return most;
}

START_TEST(wide_builds_follow_the_recurrence) {
    struct problem *p = problem_new(&shapes[_i]);
    double *y = room(p->outputs, sizeof *y), *h = room(p->finals, sizeof *h);
    double *gauge_y = room(p->outputs, sizeof *y), *gauge_h = room(p->finals, sizeof *h);
    ck_assert_int_eq(scan_forward(&p->scan, y, h, gauge_y, gauge_h), 0);
    ck_assert_double_le(worst(p->outputs, p->y, y, gauge_y, 0x1p-53), 4);
    ck_assert_double_le(worst(p->finals, p->h, h, gauge_h, 0x1p-53), 4);
    ck_assert_int_eq(scan_plain(&p->scan, y, h), 0);
    ck_assert_double_le(worst(p->outputs, p->y, y, gauge_y, 0x1p-53), 4);
    ck_assert_double_le(worst(p->finals, p->h, h, gauge_h, 0x1p-53), 4);
    if (p->outputs > 0) { /* the measure itself has to be able to say no */
        y[p->outputs / 2] += 1e-9;
        ck_assert_double_gt(worst(p->outputs, p->y, y, gauge_y, 0x1p-53), 4);
    }
    free(y), free(h), free(gauge_y), free(gauge_h);
    problem_free(p);
}
END_TEST

static double *widened(size_t n, const float *from) {
    double *to = room(n, sizeof *to);
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from[i];
    return to;
}

static void check_narrow(const struct problem *p, const float *y, const float *h, const double *gauge_y,
                         const double *gauge_h) {
    double *wide_y = widened(p->outputs, y), *wide_h = widened(p->finals, h);
    ck_assert_double_le(worst(p->outputs, p->y, wide_y, gauge_y, 0x1p-24), 3);
    ck_assert_double_le(worst(p->finals, p->h, wide_h, gauge_h, 0x1p-24), 3);
    free(wide_y), free(wide_h);
}

START_TEST(narrow_builds_stay_within_the_gauge) {
    struct problem *p = problem_new(&shapes[_i]);
    const struct scan_narrow narrow = {p->scan.batches,  p->scan.tokens,   p->scan.channels,
                                       p->scan.states,   p->scan.softplus, p->narrow[U],
                                       p->narrow[DELTA], p->narrow[A],     p->narrow[B],
                                       p->narrow[C],     p->narrow[D],     shapes[_i].started ? p->narrow[H0] : NULL};
    double *wide_y = room(p->outputs, sizeof *wide_y), *wide_h = room(p->finals, sizeof *wide_h);
    double *gauge_y = room(p->outputs, sizeof *gauge_y), *gauge_h = room(p->finals, sizeof *gauge_h);
    float *y = room(p->outputs, sizeof *y), *h = room(p->finals, sizeof *h);
    ck_assert_int_eq(scan_forward(&p->scan, wide_y, wide_h, gauge_y, gauge_h), 0);
    ck_assert_int_eq(scan_forward_f32(&narrow, y, h, NULL, NULL), 0);
    check_narrow(p, y, h, gauge_y, gauge_h);
    ck_assert_int_eq(scan_plain_f32(&narrow, y, h), 0);
    check_narrow(p, y, h, gauge_y, gauge_h);
    free(wide_y), free(wide_h), free(gauge_y), free(gauge_h), free(y), free(h);
    problem_free(p);
}
END_TEST

/* One batch, cut at token `cut`: the second half starts with what the first half ends with. */
START_TEST(a_scan_may_be_cut_anywhere) {
    const struct shape shape = {1, 41, 6, 5, true, true, -3, 3};
    struct problem *p = problem_new(&shape);
    double *y = room(p->outputs, sizeof *y), *middle = room(p->finals, sizeof *middle);
    double *h = room(p->finals, sizeof *h);
    for (size_t cut = 0; cut <= shape.t; cut += 8) {
        struct scan first = p->scan, second = p->scan;
        first.tokens = cut;
        second.tokens = shape.t - cut;
        second.u += cut * shape.c, second.delta += cut * shape.c;
        second.B += cut * shape.s, second.C += cut * shape.s;
        second.h0 = middle;
        ck_assert_int_eq(scan_forward(&first, y, middle, NULL, NULL), 0);
        ck_assert_int_eq(scan_forward(&second, y + cut * shape.c, h, NULL, NULL), 0);
        for (size_t i = 0; i < p->outputs; i++)
            ck_assert_double_eq_tol(y[i], p->y[i], 1e-11 * (1 + fabs(p->y[i])));
        for (size_t i = 0; i < p->finals; i++)
            ck_assert_double_eq_tol(h[i], p->h[i], 1e-11 * (1 + fabs(p->h[i])));
    }
    free(y), free(middle), free(h);
    problem_free(p);
}
END_TEST

START_TEST(it_is_linear_in_u_and_h0) {
    const struct shape shape = {2, 19, 4, 3, false, true, 0.1, 0.9};
    struct problem *p = problem_new(&shape);
    double *y = room(p->outputs, sizeof *y), *h = room(p->finals, sizeof *h);
    for (size_t i = 0; i < p->count[U]; i++)
        p->wide[U][i] *= -3;
    for (size_t i = 0; i < p->count[H0]; i++)
        p->wide[H0][i] *= -3;
    ck_assert_int_eq(scan_forward(&p->scan, y, h, NULL, NULL), 0);
    for (size_t i = 0; i < p->outputs; i++)
        ck_assert_double_eq_tol(y[i], -3 * p->y[i], 1e-12 * (1 + fabs(p->y[i])));
    for (size_t i = 0; i < p->finals; i++)
        ck_assert_double_eq_tol(h[i], -3 * p->h[i], 1e-12 * (1 + fabs(p->h[i])));
    free(y), free(h);
    problem_free(p);
}
END_TEST

START_TEST(softplus_is_accurate_on_both_sides) {
    enum { POINTS = 4001 };
    double wide[POINTS];
    float narrow[POINTS], got[POINTS];
    for (int i = 0; i < POINTS; i++) {
        narrow[i] = (float)(i - 2000) * 0.0431f;
        wide[i] = (double)narrow[i];
    }
    scan_softplus(wide, POINTS, wide);
    scan_softplus_f32(narrow, POINTS, got);
    for (int i = 0; i < POINTS; i++) {
        const long double x = narrow[i], want = x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
        ck_assert(fabsl((long double)wide[i] / want - 1) < 0x1p-50L);
        ck_assert(fabsl((long double)got[i] / want - 1) < 0x1p-21L);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scan");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, wide_builds_follow_the_recurrence, 0, SHAPES);
    tcase_add_loop_test(all, narrow_builds_stay_within_the_gauge, 0, SHAPES);
    tcase_add_test(all, a_scan_may_be_cut_anywhere);
    tcase_add_test(all, it_is_linear_in_u_and_h0);
    tcase_add_test(all, softplus_is_accurate_on_both_sides);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
