/* SPDX-License-Identifier: MIT */
/* Philox against the known answers that its authors publish with Random123, and the stream built on it. */
#define REAL_IS_DOUBLE 1
#include "reference/philox.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void philox_block_f32(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

static const struct {
    uint32_t counter[4], key[2], out[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(known_answers) {
    uint32_t wide[4], narrow[4];
    philox_block(known[_i].key, known[_i].counter, wide);
    philox_block_f32(known[_i].key, known[_i].counter, narrow);
    ck_assert_mem_eq(wide, known[_i].out, sizeof wide);
    ck_assert_mem_eq(narrow, known[_i].out, sizeof narrow);
}
END_TEST

START_TEST(a_stream_is_its_blocks) {
    struct philox p = philox_stream(UINT64_C(0x299f31d0a4093822), 7, 9);
    for (uint32_t block = 0; block < 5; block++) {
        uint32_t want[4], key[2] = {0xa4093822, 0x299f31d0}, counter[4] = {block, 0, 7, 9};
        philox_block(key, counter, want);
        for (int k = 0; k < 4; k++)
            ck_assert_uint_eq(philox_next(&p), want[k]);
    }
    struct philox other = philox_stream(UINT64_C(0x299f31d0a4093822), 8, 9);
    struct philox again = philox_stream(UINT64_C(0x299f31d0a4093822), 7, 9);
    ck_assert_uint_ne(philox_next(&other), philox_next(&again));
}
END_TEST

START_TEST(counter_carries) {
    struct philox p = philox_stream(1, 2, 3);
    p.counter[0] = UINT32_MAX;
    for (int k = 0; k < 4; k++)
        philox_next(&p);
    ck_assert_uint_eq(p.counter[0], 0);
    ck_assert_uint_eq(p.counter[1], 1);
}
END_TEST

START_TEST(below_is_below_and_even) {
    struct philox p = philox_stream(5, 0, 0);
    unsigned count[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint32_t v = philox_below(&p, 7);
        ck_assert_uint_lt(v, 7);
        count[v]++;
    }
    for (int v = 0; v < 7; v++)
        ck_assert_msg(count[v] > 9500 && count[v] < 10500, "%d: %u", v, count[v]);
    ck_assert_uint_eq(philox_below(&p, 1), 0);
}
END_TEST

START_TEST(normals_have_their_moments) {
    enum { N = 100000 };
    real *x = calloc(N, sizeof *x);
    ck_assert_ptr_nonnull(x);
    struct philox p = philox_stream(11, 0, 0);
    philox_normals(&p, 2, N, x);
    double mean = 0, square = 0, within = 0;
    for (size_t i = 0; i < N; i++) {
        mean += x[i] / N;
        square += x[i] * x[i] / N;
        within += fabs(x[i]) < 2 ? 1.0 / N : 0;
        ck_assert_double_le(fabs(x[i]), 12);
    }
    ck_assert_double_le(fabs(mean), 0.04);
    ck_assert_double_le(fabs(square - 4), 0.1);
    ck_assert_double_le(fabs(within - 0.683), 0.01);
    free(x);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("philox");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, known_answers, 0, 3);
    tcase_add_test(all, a_stream_is_its_blocks);
    tcase_add_test(all, counter_carries);
    tcase_add_test(all, below_is_below_and_even);
    tcase_add_test(all, normals_have_their_moments);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
