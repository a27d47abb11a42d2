/* SPDX-License-Identifier: MIT */
/* The vectorised exponentials against libm in the next wider type, at a few million points and at every special one. */
#define REAL_IS_DOUBLE 1
#include "reference/exp.h"

#include <check.h>
#include <float.h>
#include <string.h>

/* The float32 build is linked as well; its header would redefine `real`. */
float row_max_f32(const float *x, size_t n);
void exp_rows_f32(const float *x, size_t n, float *out);
float exp_shift_f32(const float *x, size_t n, float scale, float shift, float *out);
float exp_shift_sum_f32(const float *x, size_t n, float scale, float shift);

enum { CHUNK = 4096 };

static float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Distance in units in the last place that float32 has at the size of `exact`. */
static double ulps(float got, double exact) {
    int exponent;
    frexp(exact, &exponent);
    return fabs(got - exact) / ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
}

/* Every 409th float32 from 2^-40 to `last` in size, of one sign; returns the largest error. */
static double worst_ulps(float last, float sign) {
    float x[CHUNK], e[CHUNK];
    double worst = 0;
    size_t n = 0;
    for (uint32_t bits = 0x2b800000u; float_of(bits) < last; bits += 409) {
        x[n++] = sign * float_of(bits);
        if (n < CHUNK)
            continue;
        exp_rows_f32(x, n, e);
        for (size_t i = 0; i < n; i++)
            worst = fmax(worst, ulps(e[i], exp((double)x[i])));
        n = 0;
    }
    return worst;
}

START_TEST(narrow_is_within_one_ulp) {
    ck_assert_double_lt(worst_ulps(103.9f, -1.0f), 1.0);
    ck_assert_double_lt(worst_ulps(88.72f, 1.0f), 1.0);
}
END_TEST

START_TEST(narrow_keeps_special_values) {
    const float x[] = {0.0f, -0.0f, -INFINITY, INFINITY, NAN, 88.73f, 1e30f, -104.0f, -1e30f, FLT_MIN, -FLT_MAX};
    const float expected[] = {1.0f, 1.0f, 0.0f, INFINITY, NAN, INFINITY, INFINITY, 0.0f, 0.0f, 1.0f, 0.0f};
    float e[sizeof x / sizeof *x];
    exp_rows_f32(x, sizeof x / sizeof *x, e);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        if (isnan(expected[i]))
            ck_assert_msg(isnan(e[i]), "exp(%g) is %g and should be NaN", (double)x[i], (double)e[i]);
        else
            ck_assert_msg(e[i] == expected[i], "exp(%g) is %g, not %g", (double)x[i], (double)e[i],
                          (double)expected[i]);
    }
}
END_TEST

START_TEST(narrow_reaches_subnormals) {
    const float x[] = {-87.4f, -95.0f, -103.9f};
    float e[3];
    exp_rows_f32(x, 3, e);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_float_gt(e[i], 0.0f);
        ck_assert_float_lt(e[i], FLT_MIN);
    }
}
END_TEST

/* Every length up to a few vectors, so that each remainder loop runs; the element after the row must survive. */
START_TEST(rows_of_every_length) {
    for (size_t n = 0; n < 70; n++) {
        double x[71], out[71], sum = 0;
        float narrow[71], narrow_out[71];
        for (size_t i = 0; i < n; i++) {
            x[i] = narrow[i] = (float)((double)(i * 7 % 13) - 6.25);
            sum += exp(0.5 * x[i] - 1);
        }
        out[n] = narrow_out[n] = -7;
        ck_assert_double_eq_tol(exp_shift(x, n, 0.5, 1, out), sum, 1e-13 * (1 + sum));
        ck_assert_double_eq_tol(exp_shift_sum(x, n, 0.5, 1), sum, 1e-13 * (1 + sum));
        ck_assert_double_eq_tol(exp_shift_f32(narrow, n, 0.5f, 1.0f, narrow_out), sum, 1e-6 * (1 + sum));
        ck_assert_double_eq_tol(exp_shift_sum_f32(narrow, n, 0.5f, 1.0f), sum, 1e-6 * (1 + sum));
        for (size_t i = 0; i < n; i++) {
            ck_assert_double_eq_tol(out[i], exp(0.5 * x[i] - 1), 1e-14);
            ck_assert_double_lt(ulps(narrow_out[i], exp(0.5 * x[i] - 1)), 1.0);
        }
        ck_assert(out[n] == -7 && narrow_out[n] == -7.0f);
    }
}
END_TEST

START_TEST(in_place_is_the_same) {
    float x[37], e[37];
    for (size_t i = 0; i < 37; i++)
        x[i] = -(float)i / 3.0f;
    exp_rows_f32(x, 37, e);
    exp_rows_f32(x, 37, x);
    ck_assert_mem_eq(x, e, sizeof x);
}
END_TEST

START_TEST(maximum_of_every_length_and_place) {
    ck_assert(isinf(row_max(NULL, 0)) && row_max(NULL, 0) < 0);
    ck_assert(isinf(row_max_f32(NULL, 0)) && row_max_f32(NULL, 0) < 0);
    for (size_t n = 1; n < 70; n++)
        for (size_t top = 0; top < n; top++) {
            double x[70];
            float narrow[70];
            for (size_t i = 0; i < n; i++)
                x[i] = narrow[i] = i == top ? -1.0f : -2.0f - (float)i;
            ck_assert(row_max(x, n) == -1);
            ck_assert(row_max_f32(narrow, n) == -1.0f);
        }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("exp");
    TCase *cases = tcase_create("exp");
    tcase_add_test(cases, narrow_is_within_one_ulp);
    tcase_add_test(cases, narrow_keeps_special_values);
    tcase_add_test(cases, narrow_reaches_subnormals);
    tcase_add_test(cases, rows_of_every_length);
    tcase_add_test(cases, in_place_is_the_same);
    tcase_add_test(cases, maximum_of_every_length_and_place);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
