/* SPDX-License-Identifier: MIT */
/* Attention in both builds, blocked and plain, against long double loops that share no code with them, and its gauge
 * against the formula. Then what must hold for any numbers: the first row of a causal head is its value, equal keys
 * give the mean, keys beyond kv_len never count, NaN there included. */
#define REAL_IS_DOUBLE 1
#include "reference/attention.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* As struct attention of the float32 build, which is linked as well. */
struct narrow {
    size_t batches, heads, tokens, width;
    int causal;
    float scale;
    const float *q, *k, *v;
    const int32_t *kv_len;
};
int attention_forward_f32(const struct narrow *a, float *o, float *gauge);
int attention_plain_f32(const struct narrow *a, float *o);

/* In units of u*gauge. The theory allows t + d; the largest seen is 11.5. */
enum { BOUND = 16 };

static const struct shape {
    size_t b, h, t, d;
    int causal;
    double scale, sd;
    const int32_t *kv_len;
} shapes[] = {
    {1, 1, 1, 1, 1, 1, 1, NULL},
    {1, 2, 7, 5, 1, 0.5, 1, NULL},
    {1, 2, 33, 16, 1, 0.25, 6, NULL},
    {2, 1, 64, 9, 1, 0.25, 1, NULL},
    {1, 1, 65, 24, 1, -0.25, 3, NULL},
    {1, 1, 129, 8, 1, 0.375, 150, NULL},
    {1, 2, 200, 64, 1, 0.125, 2, NULL},
    {1, 1, 139, 150, 1, 0.25, 1, NULL},
    {2, 2, 19, 4, 0, 0.5, 1, NULL},
    {3, 2, 66, 3, 1, 0.5, 1, (const int32_t[]){65, 0, 1}},
    {3, 1, 70, 6, 0, 0.5, 2, (const int32_t[]){70, 5, 0}},
    {4, 1, 131, 40, 1, 0.25, 1, (const int32_t[]){131, 80, 0, 63}},
};

struct problem {
    size_t count;
    double *q, *k, *v; /* values that float32 holds exactly */
    double *truth, *gauge;
    struct attention wide;
};

static double *doubles(size_t n) {
    double *x = calloc(n + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static void fill(double *x, size_t n, double sd, uint64_t state) {
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)(sd * 1.7 * ((double)(state >> 33) / 0x1p30 - 1));
    }
}

static size_t seen_by(const struct attention *a, size_t batch, size_t i) {
    size_t keys = a->kv_len ? (size_t)a->kv_len[batch] : a->tokens;
    return a->causal && i + 1 < keys ? i + 1 : keys;
}

/* The definition and the gauge, for one query. q, o and g are its own rows, k and v those of its head. */
static void solve_query(const struct attention *a, size_t seen, const double *q, const double *k, const double *v,
                        double *o, double *g) {
    size_t d = a->width;
    long double s[256], bound[256], top = -INFINITY, sum = 0;
    for (size_t j = 0; j < seen; j++) {
        s[j] = bound[j] = 0;
        for (size_t l = 0; l < d; l++) {
            s[j] += (long double)a->scale * q[l] * k[j * d + l];
            bound[j] += fabsl((long double)a->scale * q[l] * k[j * d + l]);
        }
        top = s[j] > top ? s[j] : top;
    }
    for (size_t j = 0; j < seen; j++) {
        bound[j] += top - s[j];
        s[j] = expl(s[j] - top);
        sum += s[j];
    }
    for (size_t c = 0; c < d; c++) {
        long double mean = 0, term = 0;
        for (size_t j = 0; j < seen; j++)
            mean += s[j] / sum * v[j * d + c];
        for (size_t j = 0; j < seen; j++)
            term += s[j] / sum * (fabsl(v[j * d + c]) + fabsl(v[j * d + c] - mean) * bound[j]);
        o[c] = (double)mean;
        g[c] = (double)term;
    }
}

static void problem_make(struct problem *p, const struct shape *shape) {
    p->count = shape->b * shape->h * shape->t * shape->d;
    p->q = doubles(p->count), p->k = doubles(p->count), p->v = doubles(p->count);
    p->truth = doubles(p->count), p->gauge = doubles(p->count);
    fill(p->q, p->count, shape->sd, 1);
    fill(p->k, p->count, shape->sd, 2);
    fill(p->v, p->count, 1, 3);
    p->wide = (struct attention){shape->b,     shape->h, shape->t, shape->d, shape->causal,
                                 shape->scale, p->q,     p->k,     p->v,     shape->kv_len};
    for (size_t row = 0; row < shape->b * shape->h * shape->t; row++) {
        size_t i = row % shape->t, head = (row - i) * shape->d, at = row * shape->d;
        solve_query(&p->wide, seen_by(&p->wide, row / shape->t / shape->h, i), p->q + at, p->k + head, p->v + head,
                    p->truth + at, p->gauge + at);
    }
}

static void problem_free(struct problem *p) {
    free(p->q);
    free(p->k);
    free(p->v);
    free(p->truth);
    free(p->gauge);
}

/* The largest error in units of unit*gauge; infinite for a NaN, and for any error where the gauge is 0. */
static double worst_ratio(const struct problem *p, const double *got, double unit) {
    double worst = 0;
    for (size_t i = 0; i < p->count; i++) {
        double error = fabs(got[i] - p->truth[i]), allowed = unit * p->gauge[i];
        if (!(error <= allowed * 1e9))
            return INFINITY;
        worst = error > worst * allowed ? error / allowed : worst;
    }
    return worst;
}

static void run_narrow(const struct problem *p, int plain, double *got) {
    float *x = calloc(4 * p->count + 1, sizeof *x), *o = x + 3 * p->count;
    ck_assert_ptr_nonnull(x);
    const double *from[] = {p->q, p->k, p->v};
    for (size_t i = 0; i < 3 * p->count; i++)
        x[i] = (float)from[i / p->count][i % p->count];
    const struct attention *a = &p->wide;
    struct narrow n = {a->batches,      a->heads, a->tokens,    a->width,         a->causal,
                       (float)a->scale, x,        x + p->count, x + 2 * p->count, a->kv_len};
    ck_assert_int_eq(plain ? attention_plain_f32(&n, o) : attention_forward_f32(&n, o, NULL), 0);
    for (size_t i = 0; i < p->count; i++)
        got[i] = o[i];
    free(x);
}

START_TEST(all_four_agree_with_the_definition) {
    struct problem p;
    problem_make(&p, &shapes[_i]);
    double *got = doubles(p.count);
    ck_assert_int_eq(attention_forward(&p.wide, got, NULL), 0);
    ck_assert_double_lt(worst_ratio(&p, got, 0x1p-53), BOUND);
    ck_assert_int_eq(attention_plain(&p.wide, got), 0);
    ck_assert_double_lt(worst_ratio(&p, got, 0x1p-53), BOUND);
    for (int plain = 0; plain < 2; plain++) {
        run_narrow(&p, plain, got);
        ck_assert_double_lt(worst_ratio(&p, got, 0x1p-24), BOUND);
        got[p.count / 2] += 1e-4 * p.gauge[p.count / 2] + 1e-30;
        ck_assert_double_gt(worst_ratio(&p, got, 0x1p-24), BOUND);
    }
    free(got);
    problem_free(&p);
}
END_TEST

START_TEST(the_gauge_is_the_formula) {
    struct problem p;
    problem_make(&p, &shapes[_i]);
    double *got = doubles(p.count), *with = doubles(p.count), *gauge = doubles(p.count);
    memset(gauge, 0xff, p.count * sizeof *gauge);
    attention_forward(&p.wide, got, NULL);
    attention_forward(&p.wide, with, gauge);
    ck_assert_mem_eq(got, with, p.count * sizeof *got);
    for (size_t i = 0; i < p.count; i++)
        ck_assert_double_le(fabs(gauge[i] - p.gauge[i]), 1e-11 * p.gauge[i]);
    free(got);
    free(with);
    free(gauge);
    problem_free(&p);
}
END_TEST

START_TEST(the_first_row_of_a_causal_head_is_its_value) {
    struct problem p;
    problem_make(&p, &shapes[2]);
    size_t head = p.wide.tokens * p.wide.width;
    double *got = doubles(p.count);
    attention_forward(&p.wide, got, NULL);
    for (size_t h = 0; h < p.wide.heads; h++)
        ck_assert_mem_eq(got + h * head, p.v + h * head, p.wide.width * sizeof *got);
    free(got);
    problem_free(&p);
}
END_TEST

START_TEST(equal_keys_give_the_mean) {
    struct problem p;
    problem_make(&p, &shapes[4]);
    size_t t = p.wide.tokens, d = p.wide.width;
    double *got = doubles(p.count);
    for (size_t i = 0; i < p.count; i++)
        p.k[i] = p.k[i % d];
    attention_forward(&p.wide, got, NULL);
    for (size_t c = 0; c < d; c++) {
        double sum = 0;
        for (size_t i = 0; i < t; i++) {
            sum += p.v[i * d + c];
            ck_assert_double_eq_tol(got[i * d + c], sum / (double)(i + 1), 1e-14);
        }
    }
    free(got);
    problem_free(&p);
}
END_TEST

/* Keys and values that no query sees are NaN. */
START_TEST(padding_never_leaks) {
    struct problem p;
    problem_make(&p, &shapes[_i]);
    size_t t = p.wide.tokens, d = p.wide.width, head = t * d;
    double *got = doubles(p.count), *gauge = doubles(p.count);
    for (size_t at = 0; at < p.count; at++)
        if (at % head / d >= (size_t)p.wide.kv_len[at / head / p.wide.heads])
            p.k[at] = p.v[at] = NAN;
    attention_forward(&p.wide, got, gauge);
    ck_assert_double_lt(worst_ratio(&p, got, 0x1p-53), BOUND);
    for (size_t i = 0; i < p.count; i++)
        ck_assert(isfinite(gauge[i]));
    attention_plain(&p.wide, got);
    ck_assert_double_lt(worst_ratio(&p, got, 0x1p-53), BOUND);
    for (int plain = 0; plain < 2; plain++) {
        run_narrow(&p, plain, got);
        ck_assert_double_lt(worst_ratio(&p, got, 0x1p-24), BOUND);
    }
    free(got);
    free(gauge);
    problem_free(&p);
}
END_TEST

START_TEST(nothing_to_do_is_no_error) {
    const size_t sizes[4][4] = {{0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}, {1, 1, 1, 0}};
    const struct attention a = {sizes[_i][0], sizes[_i][1], sizes[_i][2], sizes[_i][3], 1, 1, NULL, NULL, NULL, NULL};
    double o = 42, gauge = 43;
    ck_assert_int_eq(attention_forward(&a, &o, &gauge), 0);
    ck_assert_int_eq(attention_plain(&a, &o), 0);
    ck_assert(o == 42 && gauge == 43);
}
END_TEST

int main(void) {
    int count = (int)(sizeof shapes / sizeof *shapes);
    Suite *suite = suite_create("attention");
    TCase *cases = tcase_create("attention");
    tcase_add_loop_test(cases, all_four_agree_with_the_definition, 0, count);
    tcase_add_loop_test(cases, the_gauge_is_the_formula, 0, count);
    tcase_add_test(cases, the_first_row_of_a_causal_head_is_its_value);
    tcase_add_test(cases, equal_keys_give_the_mean);
    tcase_add_loop_test(cases, padding_never_leaks, count - 3, count);
    tcase_add_loop_test(cases, nothing_to_do_is_no_error, 0, 4);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
