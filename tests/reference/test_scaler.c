/* SPDX-License-Identifier: MIT */
/* Rounding to binary16 against the compiler's own type, and to bfloat16 against the bit trick, at every place where a
 * result can change: each representable number, each midpoint, and the float32 neighbours of both. Rounding is
 * monotone, so what lies between those places follows. */
#define REAL_IS_DOUBLE 0
#include "reference/scaler.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

double scaler_half_f64(double x);

static float from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t to_bits(double x) {
    float narrow = (float)x;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    return bits;
}

/* The value of a binary16 pattern, from the definition of the format. */
static double half_value(uint32_t half) {
    int exponent = (int)(half >> 10 & 31);
    double fraction = half & 1023, size;
    if (exponent == 31)
        size = fraction > 0 ? NAN : INFINITY;
    else
        size = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return half >> 15 ? -size : size;
}

/* An assertion for each of so many numbers would cost seconds: tests count the wrong ones. */
START_TEST(halves_stay) {
    unsigned wrong = 0;
    for (uint32_t half = 0; half < 65536; half++) {
        double x = half_value(half), rounded = scaler_half(x);
        bool kept = isnan(x) ? isnan(rounded) : to_bits(rounded) == to_bits(x);
        wrong += !kept;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* The neighbour with the even fraction, by comparing exact distances in double. */
static double nearest_half(double x) {
    uint32_t low = 0, high = 0x7c00; /* patterns of non-negative halves rise with their values */
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (half_value(middle) <= fabs(x))
            low = middle;
        else
            high = middle;
    }
    double up = high == 0x7c00 ? 65536 : half_value(high);
    double below = fabs(x) - half_value(low), above = up - fabs(x);
    bool take_low = below < above || (below == above && low % 2 == 0);
    return copysign(half_value(take_low ? low : high), x);
}

static unsigned wrong_half(float x) {
    double want = nearest_half((double)x);
    bool wrong = to_bits(scaler_half((double)x)) != to_bits(want);
    wrong |= to_bits(scaler_half_f64((double)-x)) != to_bits(-want);
#ifdef __FLT16_MAX__
    wrong |= to_bits((double)(float)(_Float16)x) != to_bits(want);
#endif
    return wrong;
}

START_TEST(every_midpoint_and_its_neighbours) {
    unsigned wrong = 0;
    for (uint32_t half = 0; half < 0x7c00; half++) {
        double up = half == 0x7bff ? 65536 : half_value(half + 1);
        float middle = (float)((half_value(half) + up) / 2); /* exact: one more bit than a half has */
        wrong += wrong_half(middle) + wrong_half(nextafterf(middle, 0)) + wrong_half(nextafterf(middle, INFINITY));
        wrong += wrong_half(nextafterf((float)half_value(half), INFINITY));
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(wrong_half(1e30f), 0);
    ck_assert(isinf(scaler_half(INFINITY)) && isnan(scaler_half(NAN)));
    ck_assert_double_eq(scaler_half(65519.99), 65504);
    ck_assert(isinf(scaler_half(65520)));
}
END_TEST

START_TEST(bfloat_is_half_a_float) {
    static const uint32_t low[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    unsigned wrong = 0;
    for (uint32_t high = 0; high < 0x7f80; high++) {
        for (size_t k = 0; k < sizeof low / sizeof low[0]; k++) {
            uint32_t bits = high << 16 | low[k];
            uint32_t want = (bits + 0x7fff + (high & 1)) & 0xffff0000;
            wrong += to_bits(scaler_bfloat((double)from_bits(bits))) != want;
            wrong += to_bits(scaler_bfloat((double)-from_bits(bits))) != (want | 0x80000000);
        }
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert(isinf(scaler_bfloat(INFINITY)) && isnan(scaler_bfloat(NAN)));
}
END_TEST

START_TEST(compression_scales_first) {
    float x[] = {1e-6f, -3, 100, NAN, 0};
    scaler_compress(1024, 5, x);
    ck_assert_float_eq(x[0], (float)nearest_half(1024e-6));
    ck_assert_float_eq(x[1], -3072);
    ck_assert(isinf(x[2]) && isnan(x[3]));
    ck_assert_uint_eq(scaler_broken(x, 5), 2);
    ck_assert_uint_eq(scaler_broken(x, 2), 0);
}
END_TEST

START_TEST(the_scale_grows_and_backs_off) {
    struct scaler s = {.scale = 8, .growth_interval = 3, .backoff = .5};
    static const struct {
        bool overflow;
        double scale;
        int64_t good;
    } steps[] = {{false, 8, 1}, {false, 8, 2}, {true, 4, 0}, {false, 4, 1}, {false, 4, 2},
                 {false, 8, 0}, {true, 4, 0},  {true, 2, 0}, {false, 2, 1}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        scaler_advance(&s, steps[i].overflow);
        ck_assert_double_eq(s.scale, steps[i].scale);
        ck_assert_int_eq(s.good, steps[i].good);
    }
    struct scaler still = {.scale = 8, .growth_interval = 0, .backoff = .5};
    for (int i = 0; i < 100; i++)
        scaler_advance(&still, false);
    ck_assert_double_eq(still.scale, 8);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scaler");
    TCase *all = tcase_create("all");
    tcase_add_test(all, halves_stay);
    tcase_add_test(all, every_midpoint_and_its_neighbours);
    tcase_add_test(all, bfloat_is_half_a_float);
    tcase_add_test(all, compression_scales_first);
    tcase_add_test(all, the_scale_grows_and_backs_off);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
