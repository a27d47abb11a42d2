/* SPDX-License-Identifier: MIT */
/* Every window once in each round, for all small numbers of windows; the formula of the stride; no read past the end,
 * which the sanitizer build sees because the texts have their exact sizes. */
#define REAL_IS_DOUBLE 1
#include "reference/loader.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint64_t common(uint64_t a, uint64_t b) {
    return b ? common(b, a % b) : a;
}

START_TEST(windows_are_counted) {
    static const struct {
        size_t tokens, length, windows;
    } known[] = {{0, 4, 0}, {4, 4, 0}, {5, 4, 1}, {8, 4, 1}, {9, 4, 2}, {40000, 32, 1249}, {2, 1, 1}, {1, 1, 0}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_uint_eq(loader_make(known[i].tokens, known[i].length).windows, known[i].windows);
}
END_TEST

START_TEST(stride_is_the_smallest) {
    ck_assert_uint_eq(loader_make(2, 1).stride, 1);
    ck_assert_uint_eq(loader_make(3, 1).stride, 1);
    ck_assert_uint_eq(loader_make(40000, 32).stride, 773);
    for (uint64_t w = 3; w < 1500; w++) {
        struct loader l = loader_make(w + 1, 1);
        uint64_t stride = 1;
        while (1000 * stride < 618 * w || common(stride, w) != 1)
            stride += 2;
        ck_assert_uint_eq(l.windows, w);
        ck_assert_uint_eq(l.stride, stride);
    }
}
END_TEST

START_TEST(each_round_reads_every_window_once) {
    uint8_t seen[400];
    for (size_t w = 1; w < sizeof seen; w++) {
        struct loader l = loader_make(w + 1, 1);
        uint64_t start = UINT64_C(1) << 40; /* any w samples in a row are a round */
        memset(seen, 0, sizeof seen);
        for (uint64_t i = 0; i < w; i++)
            seen[loader_window(&l, start + i)]++;
        size_t once = 0;
        for (size_t k = 0; k < w; k++)
            once += seen[k] == 1;
        ck_assert_uint_eq(once, w);
        ck_assert_uint_eq(loader_window(&l, 0), 0);
        ck_assert_uint_eq(loader_window(&l, w), 0);
    }
}
END_TEST

START_TEST(targets_are_one_ahead) {
    enum { N = 23, T = 5 };
    uint8_t *text = malloc(N);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < N; i++)
        text[i] = (uint8_t)(200 + i);
    struct loader l = loader_make(N, T);
    ck_assert_uint_eq(l.windows, 4);
    for (uint64_t w = 0; w < l.windows; w++) {
        int32_t x[T + 1] = {0}, y[T + 1] = {0};
        x[T] = y[T] = -7;
        loader_read(&l, text, w, x, y);
        for (size_t i = 0; i < T; i++) {
            ck_assert_int_eq(x[i], 200 + (int32_t)(w * T + i));
            ck_assert_int_eq(y[i], x[i] + 1);
        }
        ck_assert_int_eq(x[T] + y[T], -14);
    }
    free(text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("loader");
    TCase *all = tcase_create("all");
    tcase_add_test(all, windows_are_counted);
    tcase_add_test(all, stride_is_the_smallest);
    tcase_add_test(all, each_round_reads_every_window_once);
    tcase_add_test(all, targets_are_one_ahead);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
