/* SPDX-License-Identifier: MIT */
/* The global norm at its edges: exactly at the limit nothing changes, large and broken gradients behave as said. */
#define REAL_IS_DOUBLE 0
#include "reference/clip.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(norms) {
    const float pythagoras[] = {3, -4}, large[] = {3e30f, 4e30f, 0, 0, 0}, none[1] = {0};
    ck_assert_double_eq(clip_norm(pythagoras, 2), 5);
    ck_assert_double_eq_tol(clip_norm(large, 5) / 5e30, 1, 1e-6);
    ck_assert_double_eq(clip_norm(none, 0), 0);
    for (size_t n = 0; n < 100; n++) {
        float x[100];
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            x[i] = (float)i - 11.5f;
            sum += (double)x[i] * (double)x[i];
        }
        ck_assert_double_eq_tol(clip_norm(x, n), sqrt(sum), 1e-12);
    }
}
END_TEST

START_TEST(at_the_limit_nothing_changes) {
    float g[] = {3, -4, 0.1f};
    const float before[] = {3, -4, 0.1f};
    double norm = clip_norm(g, 3);
    ck_assert_double_eq(clip_scale(norm, norm, 3, g), 1);
    ck_assert_double_eq(clip_scale(norm, INFINITY, 3, g), 1);
    ck_assert_double_eq(clip_scale(norm, norm * (1 + 1e-12), 3, g), 1);
    ck_assert_mem_eq(g, before, sizeof g);
}
END_TEST

START_TEST(above_the_limit_the_norm_is_the_limit) {
    float g[] = {3, -4, 12};
    double factor = clip_scale(clip_norm(g, 3), 1, 3, g);
    ck_assert_double_eq_tol(factor, 1.0 / 13, 1e-15);
    ck_assert_double_eq_tol(clip_norm(g, 3), 1, 1e-6);
    ck_assert_float_eq_tol(g[1], -4.0f / 13, 1e-7f);
}
END_TEST

START_TEST(broken_gradients_stay_broken) {
    float g[] = {1, INFINITY, -2};
    clip_scale(clip_norm(g, 3), 1, 3, g);
    ck_assert(isnan(g[1]));
    ck_assert_float_eq(g[0], 0);
    float h[] = {1, NAN};
    ck_assert_double_eq(clip_scale(clip_norm(h, 2), 1, 2, h), 1);
    ck_assert(isnan(h[1]));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("clip");
    TCase *all = tcase_create("all");
    tcase_add_test(all, norms);
    tcase_add_test(all, at_the_limit_nothing_changes);
    tcase_add_test(all, above_the_limit_the_norm_is_the_limit);
    tcase_add_test(all, broken_gradients_stay_broken);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
