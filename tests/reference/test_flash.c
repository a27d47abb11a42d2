/* SPDX-License-Identifier: MIT */
/* Attention over a band of keys in both builds, blocked and plain, against long double loops that share no code with
 * them, and its gauges against the formulas. Then what must hold for any numbers: parts of the keys merge by their lse,
 * a query without keys gives zeros and -infinity, keys that nobody sees are not read. */
#define REAL_IS_DOUBLE 1
#include "reference/flash.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* As struct flash of the float32 build, which is linked as well. */
struct narrow {
    size_t heads, queries, keys, width;
    int64_t offset, window;
    float scale;
    const float *q, *k, *v;
};
int flash_forward_f32(const struct narrow *a, float *o, float *lse, float *gauge_o, float *gauge_lse);
int flash_plain_f32(const struct narrow *a, float *o, float *lse);

/* In units of u*gauge; the theory allows tk + d. */
enum { BOUND = 16, KEYS_MAX = 1200 };

static const struct shape {
    size_t h, tq, tk, d;
    int64_t offset, window;
    double scale, sd;
} shapes[] = {
    {1, 1, 1, 1, 0, 0, 1, 1},           {2, 7, 7, 5, 0, 0, 0.5, 1},
    {2, 33, 33, 16, 0, 0, 0.25, 6},     {1, 131, 131, 9, 0, 0, -0.25, 3},
    {3, 5, 1031, 8, 1026, 0, 0.375, 1}, /* a chunk of a prompt, over three blocks of keys */
    {2, 1, 600, 24, 599, 0, 0.25, 2},   {1, 2, 513, 3, 700, 0, 0.5, 100},
    {2, 40, 23, 4, 0, 1, 0.5, 1}, /* a window of one, and queries behind the last key */
    {1, 150, 140, 6, 3, 7, 0.5, 4},     {1, 260, 900, 7, 600, 64, 0.5, 1},
    {2, 20, 9, 4, -5, 3, 0.5, 1}, /* the first queries see nothing, the last ones neither */
    {1, 3, 10, 4, 400, 100, 0.5, 1},    {1, 4, 0, 4, 0, 0, 0.5, 1},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct problem {
    size_t in_q, in_k, rows;
    double *q, *k, *v; /* values that float32 holds exactly */
    double *o, *lse, *gauge_o, *gauge_lse;
    struct flash wide;
};

static double *doubles(size_t n) {
    double *x = calloc(n + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static double *random_doubles(size_t n, double sd, uint64_t state) {
    double *x = doubles(n);
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)(sd * 1.7 * ((double)(state >> 33) / 0x1p30 - 1));
    }
    return x;
}

static int sees(const struct flash *a, size_t i, size_t j) {
    const long last = (long)i + a->offset;
    return (long)j <= last && (a->window == 0 || (long)j > last - a->window);
}

/* The definition and the gauges, for one query. q, o and g are its own rows, k and v those of its head. */
static void solve_query(const struct flash *a, size_t i, const double *q, const double *k, const double *v, double *o,
                        double *g, double *lse, double *g_lse) {
    const size_t d = a->width;
    static long double s[KEYS_MAX], bound[KEYS_MAX];
    long double top = -INFINITY, sum = 0, spread = 0;
    for (size_t j = 0; j < a->keys; j++) {
        s[j] = bound[j] = 0;
        for (size_t l = 0; l < d; l++) {
            s[j] += (long double)a->scale * q[l] * k[j * d + l];
            bound[j] += fabsl((long double)a->scale * q[l] * k[j * d + l]);
        }
        top = sees(a, i, j) && s[j] > top ? s[j] : top;
    }
    for (size_t j = 0; j < a->keys; j++) {
        bound[j] += top - s[j];
        s[j] = sees(a, i, j) ? expl(s[j] - top) : 0;
        sum += s[j];
    }
    *lse = (double)(top + logl(sum));
    for (size_t j = 0; j < a->keys; j++)
        spread += s[j] > 0 ? s[j] / sum * bound[j] : 0;
    *g_lse = sum > 0 ? (double)(fabsl(top + logl(sum)) + 1 + spread) : 0;
    for (size_t c = 0; c < d; c++) {
        long double mean = 0, term = 0;
        for (size_t j = 0; j < a->keys; j++)
            mean += s[j] > 0 ? s[j] / sum * v[j * d + c] : 0;
        for (size_t j = 0; j < a->keys; j++)
            term += s[j] > 0 ? s[j] / sum * (fabsl(v[j * d + c]) + fabsl(v[j * d + c] - mean) * bound[j]) : 0;
        o[c] = (double)mean;
        g[c] = (double)term;
    }
}

static void problem_make(struct problem *p, const struct shape *s) {
    p->rows = s->h * s->tq, p->in_q = p->rows * s->d, p->in_k = s->h * s->tk * s->d;
    p->q = random_doubles(p->in_q, s->sd, 1);
    p->k = random_doubles(p->in_k, s->sd, 2);
    p->v = random_doubles(p->in_k, 1, 3);
    p->o = doubles(p->in_q), p->gauge_o = doubles(p->in_q);
    p->lse = doubles(p->rows), p->gauge_lse = doubles(p->rows);
    p->wide = (struct flash){s->h, s->tq, s->tk, s->d, s->offset, s->window, s->scale, p->q, p->k, p->v};
    for (size_t row = 0; row < p->rows; row++) {
        const size_t head = row / s->tq * s->tk * s->d, at = row * s->d;
        solve_query(&p->wide, row % s->tq, p->q + at, p->k + head, p->v + head, p->o + at, p->gauge_o + at,
                    p->lse + row, p->gauge_lse + row);
    }
}

static void problem_free(struct problem *p) {
    double *all[] = {p->q, p->k, p->v, p->o, p->lse, p->gauge_o, p->gauge_lse};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* The largest error in units of unit*gauge; infinite for a NaN, and for any error where the gauge is 0. */
static double worst_ratio(const double *got, const double *truth, const double *gauge, size_t n, double unit) {
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double error = got[i] == truth[i] ? 0 : fabs(got[i] - truth[i]), allowed = unit * gauge[i];
        if (!(error <= allowed * 1e9))
            return INFINITY;
        worst = error > worst * allowed ? error / allowed : worst;
    }
    return worst;
}

static void must_be_right(const struct problem *p, const double *o, const double *lse, double unit) {
    ck_assert_double_lt(worst_ratio(o, p->o, p->gauge_o, p->in_q, unit), BOUND);
    ck_assert_double_lt(worst_ratio(lse, p->lse, p->gauge_lse, p->rows, unit), BOUND);
}

static float *floats(const double *x, size_t n) {
    float *y = calloc(n + 1, sizeof *y);
    ck_assert_ptr_nonnull(y);
    for (size_t i = 0; x != NULL && i < n; i++)
        y[i] = (float)x[i];
    return y;
}

static void run_narrow(const struct problem *p, int plain, double *o, double *lse) {
    float *q = floats(p->q, p->in_q), *k = floats(p->k, p->in_k), *v = floats(p->v, p->in_k);
    float *got_o = floats(NULL, p->in_q), *got_lse = floats(NULL, p->rows);
    const struct flash *a = &p->wide;
    struct narrow n = {a->heads, a->queries, a->keys, a->width, a->offset, a->window, (float)a->scale, q, k, v};
    ck_assert_int_eq(plain ? flash_plain_f32(&n, got_o, got_lse) : flash_forward_f32(&n, got_o, got_lse, NULL, NULL),
                     0);
    for (size_t i = 0; i < p->in_q; i++)
        o[i] = got_o[i];
    for (size_t i = 0; i < p->rows; i++)
        lse[i] = got_lse[i];
    free(q), free(k), free(v), free(got_o), free(got_lse);
}

START_TEST(all_four_agree_with_the_definition) {
    struct problem p;
    problem_make(&p, &shapes[_i]);
    double *o = doubles(p.in_q), *lse = doubles(p.rows);
    ck_assert_int_eq(flash_forward(&p.wide, o, lse, NULL, NULL), 0);
    must_be_right(&p, o, lse, 0x1p-53);
    ck_assert_int_eq(flash_plain(&p.wide, o, lse), 0);
    must_be_right(&p, o, lse, 0x1p-53);
    for (int plain = 0; plain < 2; plain++) {
        run_narrow(&p, plain, o, lse);
        must_be_right(&p, o, lse, 0x1p-24);
        const size_t at = p.in_q / 2;
        o[at] += 1e-4 * p.gauge_o[at] + 1e-30;
        lse[p.rows / 2] += 1e-4 * p.gauge_lse[p.rows / 2];
        ck_assert_double_gt(worst_ratio(o, p.o, p.gauge_o, p.in_q, 0x1p-24), BOUND);
        if (p.gauge_lse[p.rows / 2] > 0)
            ck_assert_double_gt(worst_ratio(lse, p.lse, p.gauge_lse, p.rows, 0x1p-24), BOUND);
    }
    free(o), free(lse);
    problem_free(&p);
}
END_TEST

START_TEST(the_gauges_are_the_formulas) {
    struct problem p;
    problem_make(&p, &shapes[_i]);
    double *o = doubles(p.in_q), *lse = doubles(p.rows), *again = doubles(p.in_q);
    double *gauge_o = doubles(p.in_q), *gauge_lse = doubles(p.rows);
    memset(gauge_o, 0xff, p.in_q * sizeof *gauge_o);
    memset(gauge_lse, 0xff, p.rows * sizeof *gauge_lse);
    flash_forward(&p.wide, o, lse, NULL, gauge_lse);
    flash_forward(&p.wide, again, lse, gauge_o, NULL);
    ck_assert_mem_eq(o, again, p.in_q * sizeof *o);
    for (size_t i = 0; i < p.in_q; i++)
        ck_assert_double_le(fabs(gauge_o[i] - p.gauge_o[i]), 1e-10 * p.gauge_o[i]);
    for (size_t i = 0; i < p.rows; i++)
        ck_assert_double_le(fabs(gauge_lse[i] - p.gauge_lse[i]), 1e-10 * p.gauge_lse[i]);
    free(o), free(lse), free(again), free(gauge_o), free(gauge_lse);
    problem_free(&p);
}
END_TEST

/* Two halves of the keys, each on its own, weighted by exp(lse): the identity that decoding in parallel rests on. */
START_TEST(parts_merge_by_their_lse) {
    struct problem p;
    problem_make(&p, &shapes[5]);
    const size_t d = p.wide.width, half = 250;
    struct flash part = p.wide;
    double o[2][24], lse[2];
    part.heads = 1, part.keys = half;
    ck_assert_int_eq(flash_forward(&part, o[0], &lse[0], NULL, NULL), 0);
    part.k += half * d, part.v += half * d, part.keys = p.wide.keys - half;
    ck_assert_int_eq(flash_forward(&part, o[1], &lse[1], NULL, NULL), 0);
    const double top = fmax(lse[0], lse[1]), w[2] = {exp(lse[0] - top), exp(lse[1] - top)};
    for (size_t c = 0; c < d; c++)
        ck_assert_double_eq_tol((w[0] * o[0][c] + w[1] * o[1][c]) / (w[0] + w[1]), p.o[c], 1e-13);
    ck_assert_double_eq_tol(top + log(w[0] + w[1]), p.lse[0], 1e-12);
    problem_free(&p);
}
END_TEST

START_TEST(no_key_gives_zeros) {
    struct problem p;
    problem_make(&p, &shapes[10]);
    double *o = doubles(p.in_q), *lse = doubles(p.rows);
    flash_forward(&p.wide, o, lse, NULL, NULL);
    for (size_t row = 0; row < p.rows; row++) {
        const struct flash_span span = flash_visible(&p.wide, row % p.wide.queries);
        const size_t i = row % p.wide.queries;
        ck_assert_int_eq(span.first == span.end, i < 5 || i > 15);
        ck_assert_int_eq(isinf(lse[row]) && lse[row] < 0, span.first == span.end);
        for (size_t c = 0; c < p.wide.width && span.first == span.end; c++)
            ck_assert(o[row * p.wide.width + c] == 0);
    }
    free(o), free(lse);
    problem_free(&p);
}
END_TEST

/* Keys before the first and behind the last visible one are NaN. */
START_TEST(keys_that_nobody_sees_are_not_read) {
    struct problem p;
    problem_make(&p, &shapes[9]);
    const struct flash *a = &p.wide;
    const size_t first = flash_visible(a, 0).first, end = flash_visible(a, a->queries - 1).end;
    ck_assert(first > 0 && end < a->keys);
    for (size_t at = 0; at < p.in_k; at++)
        if (at / a->width < first || at / a->width >= end)
            p.k[at] = p.v[at] = NAN;
    double *o = doubles(p.in_q), *lse = doubles(p.rows), *gauge_o = doubles(p.in_q), *gauge_lse = doubles(p.rows);
    flash_forward(a, o, lse, gauge_o, gauge_lse);
    must_be_right(&p, o, lse, 0x1p-53);
    for (size_t i = 0; i < p.in_q; i++)
        ck_assert(isfinite(gauge_o[i]));
    for (int plain = 0; plain < 2; plain++) {
        run_narrow(&p, plain, o, lse);
        must_be_right(&p, o, lse, 0x1p-24);
    }
    free(o), free(lse), free(gauge_o), free(gauge_lse);
    problem_free(&p);
}
END_TEST

START_TEST(nothing_to_do_is_no_error) {
    const struct flash no_heads = {0, 1, 1, 1, 0, 0, 1, NULL, NULL, NULL}, no_queries = {1, 0, 1, 1, 0, 0, 1, 0, 0, 0};
    double o = 42, lse = 43;
    ck_assert_int_eq(flash_forward(_i ? &no_heads : &no_queries, &o, &lse, NULL, NULL), 0);
    ck_assert_int_eq(flash_plain(_i ? &no_heads : &no_queries, &o, &lse), 0);
    ck_assert(o == 42 && lse == 43);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("flash");
    TCase *cases = tcase_create("flash");
    tcase_add_loop_test(cases, all_four_agree_with_the_definition, 0, SHAPES);
    tcase_add_loop_test(cases, the_gauges_are_the_formulas, 0, SHAPES);
    tcase_add_test(cases, parts_merge_by_their_lse);
    tcase_add_test(cases, no_key_gives_zeros);
    tcase_add_test(cases, keys_that_nobody_sees_are_not_read);
    tcase_add_loop_test(cases, nothing_to_do_is_no_error, 0, 2);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
