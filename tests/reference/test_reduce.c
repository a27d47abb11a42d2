/* SPDX-License-Identifier: MIT */
/* Checksums against known answers and the bitwise definition, norms and sums against plain loops. */
#define REAL_IS_DOUBLE 1
#include "reference/reduce.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void reduce_buckets_f32(const struct crc_table *table, const struct bucket_part *part, size_t parts, size_t groups,
                        const float *x, uint32_t *crc);

static uint32_t crc_by_bits(const uint8_t *p, size_t n) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < 8 * n; i++) {
        crc ^= i % 8 ? 0 : p[i / 8];
        crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    }
    return ~crc;
}

START_TEST(checksums) {
    struct crc_table table;
    crc_table_make(&table);
    ck_assert_uint_eq(crc_continue(&table, 0, "123456789", 9), 0xCBF43926);
    ck_assert_uint_eq(crc_continue(&table, 0, "", 0), 0);
    uint8_t bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i + 3 * i);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        uint32_t whole = crc_continue(&table, 0, bytes, n);
        ck_assert_uint_eq(whole, crc_by_bits(bytes, n));
        ck_assert_uint_eq(whole, crc_continue(&table, crc_continue(&table, 0, bytes, n / 3), bytes + n / 3, n - n / 3));
    }
    uint32_t clean = crc_continue(&table, 0, bytes, 100);
    bytes[57] ^= 4;
    ck_assert_uint_ne(crc_continue(&table, 0, bytes, 100), clean);
}
END_TEST

/* Group 0 is in two pieces, as the embeddings and the head are. */
static const struct bucket_part parts[] = {{0, 3, 0}, {3, 700, 1}, {703, 5, 2}, {708, 2, 0}};

START_TEST(buckets_and_norms) {
    struct crc_table table;
    uint32_t crc[3], narrow[3], changed[3];
    double x[710], norm[3];
    float y[710];
    crc_table_make(&table);
    for (size_t i = 0; i < 710; i++)
        x[i] = (double)(y[i] = (float)i / 16 - 3);
    reduce_buckets(&table, parts, 4, 3, x, crc);
    reduce_buckets_f32(&table, parts, 4, 3, y, narrow);
    ck_assert_mem_eq(crc, narrow, sizeof crc);
    float first[] = {y[0], y[1], y[2], y[708], y[709]};
    ck_assert_uint_eq(crc[0], crc_by_bits((const uint8_t *)first, sizeof first));
    ck_assert_uint_eq(crc[1], crc_by_bits((const uint8_t *)(y + 3), 700 * sizeof y[0]));
    reduce_norms(parts, 4, 3, x, norm);
    double square = x[0] * x[0] + x[1] * x[1] + x[2] * x[2] + x[708] * x[708] + x[709] * x[709];
    ck_assert_double_eq_tol(norm[0], sqrt(square), 1e-12);
    x[704] += 1;
    reduce_buckets(&table, parts, 4, 3, x, changed);
    ck_assert_uint_eq(changed[0], crc[0]);
    ck_assert_uint_eq(changed[1], crc[1]);
    ck_assert_uint_ne(changed[2], crc[2]);
    reduce_buckets(&table, parts, 4, 2, x, changed);
    ck_assert_uint_eq(changed[1], crc[1]);
}
END_TEST

START_TEST(averages) {
    double sum[3] = {NAN, NAN, NAN};
    for (size_t s = 0; s < 5; s++) {
        double x[3] = {(double)s, 1, -2.0 * (double)s};
        reduce_add(s, 3, x, sum);
    }
    reduce_finish(5, 0.25, 3, sum);
    ck_assert_double_eq_tol(sum[0], 0.5, 1e-15);
    ck_assert_double_eq_tol(sum[1], 0.25, 1e-15);
    ck_assert_double_eq_tol(sum[2], -1, 1e-15);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("reduce");
    TCase *all = tcase_create("all");
    tcase_add_test(all, checksums);
    tcase_add_test(all, buckets_and_norms);
    tcase_add_test(all, averages);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
