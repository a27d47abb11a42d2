/* SPDX-License-Identifier: MIT */
/* GELU and its gradient against the formula in long double, the gradient also against the complex step. */
#define REAL_IS_DOUBLE 1
#include "reference/gelu.h"

#include <check.h>
#include <complex.h>
#include <float.h>
#include <string.h>

/* The float32 build is linked as well; its header would redefine `real`. */
void gelu_forward_f32(size_t n, const float *x, float *y);
void gelu_forward_plain_f32(size_t n, const float *x, float *y);
void gelu_backward_f32(size_t n, const float *x, const float *dy, float *dx);
void gelu_backward_plain_f32(size_t n, const float *x, const float *dy, float *dx);

enum { POINTS = 6001 };

static const long double root = 0.797884560802865355879892119868763737L;

static long double inner(long double x) {
    return root * (x + 0.044715L * x * x * x);
}

/* (1 + tanh u)/2 without cancellation. */
static long double gate(long double x) {
    return 1 / (1 + expl(-2 * inner(x)));
}

static long double slope_of(long double x) {
    return gate(x) + x * gate(x) * gate(-x) * 2 * root * (1 + 3 * 0.044715L * x * x);
}

/* Where the gate underflows in float32 the products may be off by this much. */
static const double underflow = 1000 * FLT_MIN;

/* Errors in units of `unit` times the first-order effect of rounding: the argument of exp is off by |2u| units. */
static double forward_error(double x, double got, double unit) {
    long double size = fabsl(x) * gate(x) * (1 + 2 * fabsl(inner(x)) * gate(-x));
    return (double)(fabsl(got - x * gate(x)) / (unit * size + underflow));
}

static double backward_error(double x, double dy, double got, double unit) {
    long double bend = fabsl(x) * gate(x) * gate(-x) * 2 * root * (1 + 3 * 0.044715L * x * x);
    long double size = fabsl(dy) * (gate(x) + bend) * (1 + 2 * fabsl(inner(x)));
    return (double)(fabsl(got - dy * slope_of(x)) / (unit * size + underflow));
}

/* The formula as it stands forms 1 + tanh(u), 1 - tanh(u)^2: absolute errors of a unit, times x and u'. */
static double plain_forward_error(double x, double got, double unit) {
    return (double)(fabsl(got - x * gate(x)) / (unit * fabsl(x) + underflow));
}

static double plain_backward_error(double x, double dy, double got, double unit) {
    long double size = fabsl(dy) * (1 + fabsl(x) * root * (1 + 3 * 0.044715L * x * x));
    return (double)(fabsl(got - dy * slope_of(x)) / (unit * size));
}

/* -15 .. 15; the direction is never 0 and always exact. */
static void points(double *x, double *dy) {
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = (float)(-15.0 + 30.0 * (double)i / (POINTS - 1));
        dy[i] = (float)(1.0 + (double)(i * 37 % 101) / 16.0) * (i % 3 ? 1 : -1);
    }
}

START_TEST(double_follows_the_formula) {
    static double x[POINTS], dy[POINTS], y[POINTS], dx[POINTS], plain[POINTS], d_plain[POINTS];
    points(x, dy);
    gelu_forward(POINTS, x, y);
    gelu_backward(POINTS, x, dy, dx);
    gelu_forward_plain(POINTS, x, plain);
    gelu_backward_plain(POINTS, x, dy, d_plain);
    for (size_t i = 0; i < POINTS; i++) {
        ck_assert_double_le(forward_error(x[i], y[i], 0x1p-53), 8);
        ck_assert_double_le(backward_error(x[i], dy[i], dx[i], 0x1p-53), 8);
        ck_assert_double_le(plain_forward_error(x[i], plain[i], 0x1p-53), 8);
        ck_assert_double_le(plain_backward_error(x[i], dy[i], d_plain[i], 0x1p-53), 8);
        ck_assert_double_gt(backward_error(x[i], dy[i], dx[i] * 1.000001 + 1e-20, 0x1p-53), 8);
    }
}
END_TEST

START_TEST(float_follows_the_formula) {
    static double x[POINTS], dy[POINTS];
    static float xf[POINTS], dyf[POINTS], y[POINTS], dx[POINTS], plain[POINTS], d_plain[POINTS];
    points(x, dy);
    for (size_t i = 0; i < POINTS; i++) {
        xf[i] = (float)x[i];
        dyf[i] = (float)dy[i];
    }
    gelu_forward_f32(POINTS, xf, y);
    gelu_backward_f32(POINTS, xf, dyf, dx);
    gelu_forward_plain_f32(POINTS, xf, plain);
    gelu_backward_plain_f32(POINTS, xf, dyf, d_plain);
    for (size_t i = 0; i < POINTS; i++) {
        ck_assert_double_le(forward_error(x[i], (double)y[i], 0x1p-24), 8);
        ck_assert_double_le(backward_error(x[i], dy[i], (double)dx[i], 0x1p-24), 8);
        ck_assert_double_le(plain_forward_error(x[i], (double)plain[i], 0x1p-24), 8);
        ck_assert_double_le(plain_backward_error(x[i], dy[i], (double)d_plain[i], 0x1p-24), 8);
    }
}
END_TEST

/* The erf form is up to 4.7e-4 away; this is the check that the slope belongs to the function beside it. */
START_TEST(gradient_is_the_complex_step) {
    for (double x = -6; x <= 6; x += 0.0625) {
        double dx, one = 1, h = 1e-30;
        double complex z = x + I * h, u = (double)root * (z + 0.044715 * z * z * z);
        gelu_backward(1, &x, &one, &dx);
        ck_assert_double_le(fabs(dx - cimag(0.5 * z * (1 + ctanh(u))) / h), 1e-14);
    }
}
END_TEST

START_TEST(far_points_are_the_limits) {
    const double x[] = {1e300, -1e300, 40, -40, 0.0, NAN}, one[] = {1, 1, 1, 1, 1, 1};
    const double y[] = {1e300, 0, 40, 0, 0, NAN}, slope[] = {1, 0, 1, 0, 0.5, NAN};
    double got[6], d[6];
    float xf[6], onef[6], gotf[6], df[6];
    for (size_t i = 0; i < 6; i++) {
        xf[i] = fabs(x[i]) > 1e30 ? copysignf(1e30f, (float)x[i]) : (float)x[i];
        onef[i] = 1;
    }
    gelu_forward(6, x, got);
    gelu_backward(6, x, one, d);
    gelu_forward_f32(6, xf, gotf);
    gelu_backward_f32(6, xf, onef, df);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_double_le(fabs(got[i] - y[i]), 1e-30);
        ck_assert_double_le(fabs(d[i] - slope[i]), 1e-30);
        ck_assert(gotf[i] == (i == 0 ? 1e30f : (float)y[i]));
        ck_assert_double_le(fabs((double)df[i] - slope[i]), 1e-30);
    }
    ck_assert(isnan(got[5]) && isnan(d[5]) && isnan(gotf[5]) && isnan(df[5]));
}
END_TEST

/* Every length up to a few vectors; the element after the row survives; in place gives the same. */
START_TEST(rows_of_every_length_also_in_place) {
    for (size_t n = 0; n < 70; n++) {
        float x[71], y[71], dx[71], in_place[71];
        for (size_t i = 0; i < 71; i++) {
            x[i] = (float)((double)(i * 7 % 13) - 6.25);
            y[i] = dx[i] = -7;
        }
        gelu_forward_f32(n, x, y);
        gelu_backward_f32(n, x, y, dx);
        ck_assert(y[n] == -7 && dx[n] == -7);
        memcpy(in_place, x, sizeof x);
        gelu_forward_f32(n, in_place, in_place);
        ck_assert_mem_eq(in_place, y, n * sizeof *y);
        gelu_backward_f32(n, x, in_place, in_place);
        ck_assert_mem_eq(in_place, dx, n * sizeof *dx);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gelu");
    TCase *cases = tcase_create("gelu");
    tcase_add_test(cases, double_follows_the_formula);
    tcase_add_test(cases, float_follows_the_formula);
    tcase_add_test(cases, gradient_is_the_complex_step);
    tcase_add_test(cases, far_points_are_the_limits);
    tcase_add_test(cases, rows_of_every_length_also_in_place);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
