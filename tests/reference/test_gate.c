/* SPDX-License-Identifier: MIT */
/* The gates and their slopes against long double formulas that neither overflow nor cancel, from far in one tail to far
 * in the other; the curvature against differences of the slope. */
#define REAL_IS_DOUBLE 1
#include "reference/gate.h"

#include <check.h>
#include <stdlib.h>

void gate_both_f32(enum gate gate, size_t n, const float *p, float *value, float *slope);
void gate_both_plain_f32(enum gate gate, size_t n, const float *p, float *value, float *slope);

enum { POINTS = 801 };

static double point(size_t i) {
    const double t = ((double)i - POINTS / 2) / (POINTS / 2);
    return (float)(85 * t * t * t);
}

static void truth(enum gate gate, long double p, long double *value, long double *slope) {
    const long double s = 1 / (1 + expl(-p)), other = 1 / (1 + expl(p));
    switch (gate) {
    case GATE_TANH:
        *value = tanhl(p);
        *slope = 1 / (coshl(p) * coshl(p));
        break;
    case GATE_SIGMOID:
        *value = s;
        *slope = s * other;
        break;
    case GATE_SOFTPLUS:
        *value = p > 0 ? p + log1pl(expl(-p)) : log1pl(expl(p));
        *slope = s;
        break;
    default:
        *value = p * s;
        *slope = s + p * s * other;
    }
}

static void check_close(double got, long double want, double tolerance) {
    ck_assert_double_le(fabs(got - (double)want), tolerance * (double)fabsl(want));
}

/* silu' has a zero at -1.278, where its two terms cancel: there they are what counts. */
static long double slope_size(enum gate gate, long double p, long double slope) {
    return gate == GATE_SILU ? (1 + fabsl(p)) / (1 + expl(-p)) : slope;
}

START_TEST(values_and_slopes) {
    const enum gate gate = (enum gate)_i;
    double p[POINTS], value[POINTS], slope[POINTS];
    float p32[POINTS], value32[POINTS], slope32[POINTS], only[POINTS];
    for (size_t i = 0; i < POINTS; i++)
        p32[i] = (float)(p[i] = point(i));
    gate_both(gate, POINTS, p, value, slope);
    gate_both_f32(gate, POINTS, p32, value32, slope32);
    gate_both_f32(gate, POINTS, p32, only, NULL);
    for (size_t i = 0; i < POINTS; i++) {
        long double v, s;
        truth(gate, p[i], &v, &s);
        const long double size = slope_size(gate, p[i], s);
        check_close(value[i], v, 1e-15);
        check_close(value32[i], v, 5e-7);
        ck_assert_float_eq(only[i], value32[i]);
        ck_assert_double_le(fabs(slope[i] - (double)s), 2e-15 * (double)size);
        ck_assert_double_le(fabs(slope32[i] - (double)s), 6e-7 * (double)size + 0x1p-147);
    }
}
END_TEST

/* Within the gauge, which is what it is for, and far from what it says only where it forgives a cancellation. */
START_TEST(plain_ones_stay_within_the_gauge) {
    const enum gate gate = (enum gate)_i;
    float p32[POINTS], value32[POINTS], slope32[POINTS];
    for (size_t i = 0; i < POINTS; i++)
        p32[i] = (float)point(i);
    gate_both_plain_f32(gate, POINTS, p32, value32, slope32);
    for (size_t i = 0; i < POINTS; i++) {
        long double v, s;
        double of_value, of_slope;
        truth(gate, p32[i], &v, &s);
        gate_gauge(gate, p32[i], &of_value, &of_slope);
        ck_assert_double_le(fabs(value32[i] - (double)v), 6 * 0x1p-24 * of_value);
        ck_assert_double_le(fabs(slope32[i] - (double)s), 6 * 0x1p-24 * of_slope);
        ck_assert_double_le(of_value, 1.001 * fabs((double)v) + 1e-28);
    }
}
END_TEST

START_TEST(curvature_is_the_slope_of_the_slope) {
    const enum gate gate = (enum gate)_i;
    for (double p = -12; p <= 12; p += 0.37) {
        const double h = 1e-4, at[] = {p - h, p + h};
        double value[2], slope[2];
        gate_both(gate, 2, at, value, slope);
        ck_assert_double_le(fabs((slope[1] - slope[0]) / (2 * h) - gate_curvature(gate, p)), 2e-8);
    }
}
END_TEST

START_TEST(nothing_overflows) {
    const enum gate gate = (enum gate)_i;
    const float far[] = {-3e38f, -1000, -104, 104, 1000, 3e38f};
    float value[6], slope[6];
    gate_both_f32(gate, 6, far, value, slope);
    for (size_t i = 0; i < 6; i++) {
        ck_assert(isfinite(value[i]) && isfinite(slope[i]));
        if (far[i] < 0)
            ck_assert_float_le(fabsf(slope[i]), 1e-40f);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gate");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, values_and_slopes, 0, GATE_COUNT);
    tcase_add_loop_test(all, plain_ones_stay_within_the_gauge, 0, GATE_COUNT);
    tcase_add_loop_test(all, curvature_is_the_slope_of_the_slope, 0, GATE_COUNT);
    tcase_add_loop_test(all, nothing_overflows, 0, GATE_COUNT);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
