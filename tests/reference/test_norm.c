/* SPDX-License-Identifier: MIT */
/* Layer normalisation: both builds of both algorithms, and the gauges, against the loops of norm_problem.h. */
#define REAL_IS_DOUBLE 1
#include "reference/norm.h"

#include "tests/reference/norm_problem.h"

/* The header declares the build that REAL_IS_DOUBLE names; the other one is linked as well. */
void layer_norm_forward_f32(size_t rows, size_t n, float eps, const float *x, const float *gamma, const float *beta,
                            float *y, float *mean, float *rstd);
void layer_norm_forward_plain_f32(size_t rows, size_t n, float eps, const float *x, const float *gamma,
                                  const float *beta, float *y, float *mean, float *rstd);
void layer_norm_backward_f32(size_t rows, size_t n, const float *dy, const float *x, const float *gamma,
                             const float *mean, const float *rstd, bool accumulate, float *dx, float *dgamma,
                             float *dbeta);
void layer_norm_backward_plain_f32(size_t rows, size_t n, const float *dy, const float *x, const float *gamma,
                                   const float *mean, const float *rstd, bool accumulate, float *dx, float *dgamma,
                                   float *dbeta);

typedef void wide_forward(size_t, size_t, double, const double *, const double *, const double *, double *, double *,
                          double *);
typedef void narrow_forward(size_t, size_t, float, const float *, const float *, const float *, float *, float *,
                            float *);
typedef void wide_backward(size_t, size_t, const double *, const double *, const double *, const double *,
                           const double *, bool, double *, double *, double *);
typedef void narrow_backward(size_t, size_t, const float *, const float *, const float *, const float *, const float *,
                             bool, float *, float *, float *);

static const struct build {
    wide_forward *forward64;
    narrow_forward *forward32;
    wide_backward *backward64;
    narrow_backward *backward32;
    double growth; /* what an element of a row may add to the error, in units of u*gauge */
} builds[] = {
    {layer_norm_forward, layer_norm_forward_f32, layer_norm_backward, layer_norm_backward_f32, 0},
    /* A running sum of equal numbers is off by the same fraction of u at each step: 0.16 on the constant row. */
    {layer_norm_forward_plain, layer_norm_forward_plain_f32, layer_norm_backward_plain, layer_norm_backward_plain_f32,
     0.25},
};

enum { BUILDS = sizeof builds / sizeof builds[0] };

static struct answer *run_wide(const struct build *b, const struct problem *p) {
    struct answer *a = answer_new(p);
    b->forward64(p->rows, p->n, p->eps, p->x, p->gamma, p->beta, a->value[Y], a->value[MEAN], a->value[RSTD]);
    b->backward64(p->rows, p->n, p->dy, p->x, p->gamma, p->mean, p->rstd, p->accumulate, a->value[DX], a->value[DGAMMA],
                  a->value[DBETA]);
    return a;
}

static float *narrowed(size_t count, const double *value) {
    float *copy = malloc((count + 1) * sizeof *copy);
    ck_assert_ptr_nonnull(copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = (float)value[i];
    return copy;
}

static struct answer *run_narrow(const struct build *b, const struct problem *p) {
    struct answer *a = answer_new(p);
    float *x = narrowed(p->rows * p->n, p->x), *dy = narrowed(p->rows * p->n, p->dy);
    float *gamma = narrowed(p->n, p->gamma), *beta = narrowed(p->n, p->beta);
    float *mean = narrowed(p->rows, p->mean), *rstd = narrowed(p->rows, p->rstd), *out[TENSORS];

    for (size_t t = 0; t < TENSORS; t++)
        out[t] = narrowed(count_of(p, (enum output)t), a->value[t]);
    b->forward32(p->rows, p->n, (float)p->eps, x, gamma, beta, out[Y], out[MEAN], out[RSTD]);
    b->backward32(p->rows, p->n, dy, x, gamma, mean, rstd, p->accumulate, out[DX], out[DGAMMA], out[DBETA]);
    for (size_t t = 0; t < TENSORS; t++) {
        for (size_t i = 0; i < count_of(p, (enum output)t); i++)
            a->value[t][i] = out[t][i];
        free(out[t]);
    }
    free(x), free(dy), free(gamma), free(beta), free(mean), free(rstd);
    return a;
}

/* Largest error in units of u*gauge; NaN and an error where the gauge is 0 give infinity. */
static double worst_ratio(const struct problem *p, const struct answer *a, double u) {
    double worst = 0;
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t i = 0; i < count_of(p, (enum output)t); i++) {
            double error = fabs(a->value[t][i] - p->truth.value[t][i]);
            double ratio = error == 0 ? 0 : error / (u * p->gauge.value[t][i]);
            if (!(ratio <= worst))
                worst = isnan(ratio) ? INFINITY : ratio;
        }
    return worst;
}

START_TEST(test_builds_agree_with_long_double) {
    const struct build *b = &builds[_i % BUILDS];
    struct problem *p = problem_new(shapes[_i / BUILDS % SHAPES], _i / BUILDS / SHAPES, 7 + (uint64_t)_i);
    struct answer *wide = run_wide(b, p), *narrow = run_narrow(b, p);
    double bound = 16 + b->growth * (double)p->n; /* seen without growth: 6.5, on the constant row */
    double wide_ratio = worst_ratio(p, wide, 0x1p-53), narrow_ratio = worst_ratio(p, narrow, 0x1p-24);

    ck_assert_msg(wide_ratio <= bound, "%zu x %zu float64: %g", p->rows, p->n, wide_ratio);
    ck_assert_msg(narrow_ratio <= bound, "%zu x %zu float32: %g", p->rows, p->n, narrow_ratio);
    free(wide), free(narrow), free(p);
}
END_TEST

/* The measure itself must be able to say no. */
START_TEST(test_wrong_element_is_seen) {
    struct problem *p = problem_new((struct shape){7, 31}, false, 3);
    for (size_t t = 0; t < TENSORS; t++) {
        struct answer *a = run_narrow(&builds[0], p);
        size_t last = count_of(p, (enum output)t) - 1;
        a->value[t][last] += 1e-4 * p->gauge.value[t][last];
        ck_assert_double_gt(worst_ratio(p, a, 0x1p-24), 100);
        a->value[t][last] = NAN;
        ck_assert(isinf(worst_ratio(p, a, 0x1p-24)));
        free(a);
    }
    free(p);
}
END_TEST

START_TEST(test_gauges_are_their_formulas) {
    struct problem *p = problem_new(shapes[_i % SHAPES], _i / SHAPES, 11);
    struct answer *g = answer_new(p);

    layer_norm_forward_gauge(p->rows, p->n, p->x, p->gamma, p->beta, p->truth.value[MEAN], p->truth.value[RSTD],
                             g->value[Y], g->value[MEAN], g->value[RSTD]);
    layer_norm_backward_gauge(p->rows, p->n, p->dy, p->x, p->gamma, p->mean, p->rstd, p->accumulate, p->old_dgamma,
                              p->old_dbeta, g->value[DX], g->value[DGAMMA], g->value[DBETA]);
    for (size_t t = 0; t < TENSORS; t++)
        for (size_t i = 0; i < count_of(p, (enum output)t); i++)
            ck_assert_double_le(fabs(g->value[t][i] - p->gauge.value[t][i]), 1e-13 * p->gauge.value[t][i]);
    free(g), free(p);
}
END_TEST

START_TEST(test_empty_rows_and_no_rows) {
    double mean[2] = {NAN, NAN}, rstd[2] = {NAN, NAN}, dgamma[2] = {5, NAN}, dbeta[2] = {7, NAN};

    layer_norm_forward(2, 0, 0.25, NULL, NULL, NULL, NULL, mean, rstd);
    ck_assert(mean[0] == 0 && mean[1] == 0 && rstd[0] == 2 && rstd[1] == 2);
    mean[0] = rstd[0] = NAN;
    layer_norm_forward_plain(2, 0, 0.25, NULL, NULL, NULL, NULL, mean, rstd);
    ck_assert(mean[0] == 0 && rstd[0] == 2);
    layer_norm_backward(2, 0, NULL, NULL, NULL, mean, rstd, false, NULL, NULL, NULL);
    layer_norm_backward(0, 1, NULL, NULL, NULL, NULL, NULL, true, NULL, dgamma, dbeta);
    ck_assert(dgamma[0] == 5 && dbeta[0] == 7 && isnan(dgamma[1]));
    layer_norm_backward(0, 1, NULL, NULL, NULL, NULL, NULL, false, NULL, dgamma, dbeta);
    ck_assert(dgamma[0] == 0 && dbeta[0] == 0 && isnan(dbeta[1]));
}
END_TEST

/* Enough rows at once for stores past the cache, against the same rows a few at a time; the rows begin anywhere in a
 * vector. The guard behind the last one stays what it is. */
enum { MANY = 4201, WIDE = 1003, PART = 100 };

static bool near(size_t count, const float *a, const float *b) {
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(a[i] - b[i]) <= 1e-5f * (1 + fabsf(b[i]))))
            return false;
    return true;
}

START_TEST(many_rows_are_like_few) {
    enum { ALL = MANY * WIDE, SOME = PART * WIDE };
    float *x = malloc((4 * (size_t)ALL + 2 * SOME + 8) * sizeof *x), *dy = x + ALL, *y = dy + ALL + 1;
    float *dx = y + ALL + 1, *part_y = dx + ALL + 1, *part_dx = part_y + SOME;
    float gamma[WIDE], beta[WIDE], mean[MANY], rstd[MANY], sums[2][2][WIDE] = {0};
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < ALL; i++) {
        x[i] = (float)(i * 2654435761u % 1000) / 250 - 1;
        dy[i] = (float)(i * 2246822519u % 1000) / 500 - 1;
    }
    for (size_t i = 0; i < WIDE; i++) {
        gamma[i] = 1 + (float)(i % 7) / 8;
        beta[i] = (float)(i % 5) - 2;
    }
    y[ALL] = dx[ALL] = 42;
    layer_norm_forward_f32(MANY, WIDE, 1e-5f, x, gamma, beta, y, mean, rstd);
    layer_norm_backward_f32(MANY, WIDE, dy, x, gamma, mean, rstd, true, dx, sums[0][0], sums[0][1]);
    ck_assert(y[ALL] == 42 && dx[ALL] == 42);
    for (size_t r = 0; r < MANY; r += PART) {
        const size_t rows = MANY - r < PART ? MANY - r : PART, at = r * WIDE;
        layer_norm_forward_f32(rows, WIDE, 1e-5f, x + at, gamma, beta, part_y, mean + r, rstd + r);
        layer_norm_backward_f32(rows, WIDE, dy + at, x + at, gamma, mean + r, rstd + r, true, part_dx, sums[1][0],
                                sums[1][1]);
        ck_assert(near(rows * WIDE, y + at, part_y) && near(rows * WIDE, dx + at, part_dx));
    }
    ck_assert(near(WIDE, sums[0][0], sums[1][0]) && near(WIDE, sums[0][1], sums[1][1]));
    y[0] += 1e-3f;
    layer_norm_forward_f32(1, WIDE, 1e-5f, x, gamma, beta, part_y, mean, rstd);
    ck_assert(!near(WIDE, y, part_y));
    free(x);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("norm");
    TCase *values = tcase_create("values");
    tcase_add_test(values, many_rows_are_like_few);

    tcase_add_loop_test(values, test_builds_agree_with_long_double, 0, 2 * SHAPES * BUILDS);
    tcase_add_loop_test(values, test_gauges_are_their_formulas, 0, 2 * SHAPES);
    tcase_add_test(values, test_wrong_element_is_seen);
    tcase_add_test(values, test_empty_rows_and_no_rows);
    suite_add_tcase(suite, values);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
