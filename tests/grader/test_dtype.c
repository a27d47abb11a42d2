/* SPDX-License-Identifier: MIT */
/* Element types: names, rounding and clamping. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "grader/dtype.h"

START_TEST(names_and_sizes) {
    static const struct {
        const char *name, *c_name;
        size_t bytes;
        bool floating;
    } expected[DTYPE_COUNT] = {
        [DTYPE_F32] = {"f32", "float", 4, true},    [DTYPE_F64] = {"f64", "double", 8, true},
        [DTYPE_I32] = {"i32", "int32_t", 4, false}, [DTYPE_I64] = {"i64", "int64_t", 8, false},
        [DTYPE_U8] = {"u8", "uint8_t", 1, false},   [DTYPE_BF16] = {"bf16", "uint16_t", 2, true},
    };
    const struct dtype_info *info = dtype_info((enum dtype)_i);

    ck_assert_str_eq(info->name, expected[_i].name);
    ck_assert_str_eq(info->c_name, expected[_i].c_name);
    ck_assert_uint_eq(info->bytes, expected[_i].bytes);
    ck_assert_int_eq(info->floating, expected[_i].floating);
    ck_assert_int_eq((int)dtype_from_name(info->name), _i);
}
END_TEST

START_TEST(unknown_names) {
    ck_assert_int_eq((int)dtype_from_name("f16"), DTYPE_COUNT);
    ck_assert_int_eq((int)dtype_from_name(""), DTYPE_COUNT);
    ck_assert_int_eq((int)dtype_from_name("F32"), DTYPE_COUNT);
}
END_TEST

static double through(enum dtype type, double value) {
    unsigned char array[3 * 8];

    memset(array, 0xa5, sizeof array);
    dtype_store(type, array, 1, value);
    for (size_t i = 0; i < dtype_info(type)->bytes; i++) {
        ck_assert_uint_eq(array[i], 0xa5);
        ck_assert_uint_eq(array[2 * dtype_info(type)->bytes + i], 0xa5);
    }
    return dtype_load(type, array, 1);
}

START_TEST(integers_round_and_clamp) {
    ck_assert_double_eq(through(DTYPE_I32, 2.5), 2.0);
    ck_assert_double_eq(through(DTYPE_I32, 3.5), 4.0);
    ck_assert_double_eq(through(DTYPE_I32, -1e300), INT32_MIN);
    ck_assert_double_eq(through(DTYPE_I32, INFINITY), INT32_MAX);
    ck_assert_double_eq(through(DTYPE_I32, NAN), 0.0);
    ck_assert_double_eq(through(DTYPE_U8, 255.6), 255.0);
    ck_assert_double_eq(through(DTYPE_U8, -0.6), 0.0);
    ck_assert_double_eq(through(DTYPE_I64, -0x1p63), -0x1p63);
    ck_assert_double_eq(through(DTYPE_I64, -INFINITY), -0x1p63);
    ck_assert_double_eq(through(DTYPE_I64, 4503599627370497.0), 4503599627370497.0);
}
END_TEST

START_TEST(largest_i64) {
    int64_t value = 0;

    dtype_store(DTYPE_I64, &value, 0, 0x1p63);
    ck_assert(value == INT64_MAX);
    dtype_store(DTYPE_I64, &value, 0, NAN);
    ck_assert(value == 0);
}
END_TEST

START_TEST(floats_round_to_nearest) {
    ck_assert_double_eq(through(DTYPE_F32, 0.1), (double)0.1f);
    ck_assert_double_eq(through(DTYPE_F32, 1e300), INFINITY);
    ck_assert_double_eq(through(DTYPE_F64, 0.1), 0.1);
    ck_assert(isnan(through(DTYPE_F32, NAN)));
}
END_TEST

static uint16_t bf16(double value) {
    uint16_t bits = 0;

    dtype_store(DTYPE_BF16, &bits, 0, value);
    return bits;
}

START_TEST(bf16_rounds_once_to_nearest_even) {
    ck_assert_uint_eq(bf16(1.0), 0x3f80);
    ck_assert_uint_eq(bf16(-2.0), 0xc000);
    ck_assert_uint_eq(bf16(1.0 + 0x1p-8), 0x3f80);
    ck_assert_uint_eq(bf16(1.0 + 3 * 0x1p-8), 0x3f82);
    /* Just beyond the tie, by less than float32 can hold: rounding twice would end on the even side. */
    ck_assert_uint_eq(bf16(1.0 + 0x1p-8 + 0x1p-40), 0x3f81);
    ck_assert_uint_eq(bf16(1.0 + 3 * 0x1p-8 - 0x1p-40), 0x3f81);
    ck_assert_uint_eq(bf16(-1.0 - 0x1p-8 - 0x1p-40), 0xbf81);
    ck_assert_uint_eq(bf16(0.0), 0x0000);
    ck_assert_uint_eq(bf16(-0.0), 0x8000);
    ck_assert_uint_eq(bf16(0x1p-133), 0x0001);
    ck_assert_uint_eq(bf16(0x1p-134), 0x0000);
    ck_assert_uint_eq(bf16((double)FLT_MAX), 0x7f80);
    ck_assert_uint_eq(bf16(0x1.fep127), 0x7f7f);
    ck_assert_uint_eq(bf16(1e300), 0x7f80);
    ck_assert_uint_eq(bf16(-INFINITY), 0xff80);
    ck_assert_uint_eq(bf16(NAN), 0x7fc0);
}
END_TEST

START_TEST(bf16_loads_what_it_stored) {
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        const uint16_t half = (uint16_t)bits;
        const double value = dtype_load(DTYPE_BF16, &half, 0);

        if (!isnan(value))
            ck_assert_uint_eq(bf16(value), half);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dtype");
    TCase *tests = tcase_create("dtype");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tests, names_and_sizes, 0, DTYPE_COUNT);
    tcase_add_test(tests, unknown_names);
    tcase_add_test(tests, integers_round_and_clamp);
    tcase_add_test(tests, largest_i64);
    tcase_add_test(tests, floats_round_to_nearest);
    tcase_add_test(tests, bf16_rounds_once_to_nearest_even);
    tcase_add_test(tests, bf16_loads_what_it_stored);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
