/* SPDX-License-Identifier: MIT */
/* The streams behind all inputs: the same bytes as ever, the right distributions, and independence of their parts. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/random.h"

enum { SAMPLE = 1 << 20 };

static struct random_stream stream_of(uint64_t seed, const char *scope, uint64_t call, uint64_t tensor) {
    struct random_stream stream;

    random_stream_init(&stream, seed, scope, call, tensor);
    return stream;
}

static double *draw(void (*make)(const struct random_stream *, uint64_t, size_t, double *), uint64_t seed) {
    const struct random_stream stream = stream_of(seed, "sample", 0, 0);
    double *value = malloc(SAMPLE * sizeof *value);

    ck_assert_ptr_nonnull(value);
    make(&stream, 0, SAMPLE, value);
    return value;
}

/* RFC 8439, appendix A.1, test vectors 1 and 2: key and nonce of zeros, counters 0 and 1. */
START_TEST(block_is_the_chacha20_of_rfc_8439) {
    static const unsigned char expected[128] = {
        0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28,
        0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7,
        0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37,
        0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
        0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a, 0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d,
        0xcb, 0x0f, 0x29, 0xa0, 0x48, 0xe3, 0x65, 0x69, 0x12, 0xc6, 0x53, 0x3e, 0x32, 0xee, 0x7a, 0xed,
        0x29, 0xb7, 0x21, 0x76, 0x9c, 0xe6, 0x4e, 0x43, 0xd5, 0x71, 0x33, 0xb0, 0x74, 0xd8, 0x39, 0xd5,
        0x31, 0xed, 0x1f, 0x28, 0x51, 0x0a, 0xfb, 0x45, 0xac, 0xe1, 0x0a, 0x1f, 0x4b, 0x79, 0x4d, 0x6f};
    const struct random_stream zero = {{0}};
    uint64_t words[RANDOM_BLOCK];

    random_block(&zero, 0, words);
    for (size_t i = 0; i < sizeof expected; i++)
        ck_assert_uint_eq(words[i / 8] >> (8 * (i % 8)) & 0xff, expected[i]);
}
END_TEST

/* The key was computed independently with Python's hashlib.blake2b over purpose, address and scope. */
START_TEST(key_is_frozen) {
    static const unsigned char expected[RANDOM_KEY_BYTES] = {
        0x8c, 0x21, 0x79, 0x1d, 0x83, 0x56, 0x3c, 0x7f, 0x46, 0x64, 0xba, 0x17, 0x76, 0x81, 0x8e, 0x93,
        0x3f, 0x10, 0xb8, 0x6b, 0xda, 0xce, 0xe5, 0x9f, 0x4c, 0x00, 0x11, 0x25, 0xce, 0xb4, 0x57, 0x75};
    const struct random_stream stream = stream_of(0x0123456789abcdef, "odd_tail", 5, 2);

    ck_assert_mem_eq(stream.key, expected, sizeof expected);
}
END_TEST

/* Bit for bit: a change here would change the inputs of every recorded result. */
START_TEST(numbers_are_frozen) {
    static const double uniform[3] = {0x1.e7af294f96a12p-2, 0x1.e5136bc6a0db2p-2, 0x1.4c2039b33062ap-2};
    static const uint64_t place[5] = {0, 1, 1024, 2047, 1000000007};
    static const double normal[5] = {-0x1.59433b1d088dep-3, -0x1.329a977b40b18p+0, -0x1.34d0cd56c11dbp+0,
                                     0x1.d2ea5646a86bdp-2, -0x1.25bcf73b8c822p-3};
    const struct random_stream stream = stream_of(0x0123456789abcdef, "odd_tail", 5, 2);
    double got[3];

    random_uniforms(&stream, 0, 3, got);
    ck_assert_mem_eq(got, uniform, sizeof got);
    for (size_t i = 0; i < 5; i++) {
        random_normals(&stream, place[i], 1, got);
        ck_assert_mem_eq(got, &normal[i], sizeof *got);
    }
}
END_TEST

START_TEST(uniform_never_reaches_its_ends) {
    ck_assert(random_uniform(0) > 0.0);
    ck_assert(random_uniform(UINT64_MAX) < 1.0);
    ck_assert_double_eq(random_uniform(UINT64_C(1) << 63), 0.5 + 0x1p-53);
}
END_TEST

/* What Box and Muller's formula says with the C library's functions. */
START_TEST(normals_agree_with_libm) {
    const struct random_stream stream = stream_of(3, "libm", 0, 0);
    uint64_t words[RANDOM_BLOCK];
    double got[2 * RANDOM_BLOCK];

    random_block(&stream, 0, words);
    random_normals(&stream, 0, 2 * RANDOM_BLOCK, got);
    for (size_t i = 0; i < RANDOM_BLOCK; i++) {
        const double u = ((double)(words[i] >> 32) + 0.5) * 0x1p-32, radius = sqrt(-2.0 * log(u));
        const double turn = ((double)(words[i] & 0x3fffffff) + 0.5) * 0x1p-32 - 0.125;
        const double c = radius * cos(turn * 2.0 * M_PI), s = radius * sin(turn * 2.0 * M_PI);
        const int turned = words[i] >> 30 & 1;
        const double sign = words[i] >> 31 & 1 ? -1.0 : 1.0;

        ck_assert_double_eq_tol(got[i], sign * (turned ? s : c), 1e-11);
        ck_assert_double_eq_tol(got[i + RANDOM_BLOCK], sign * (turned ? c : s), 1e-11);
    }
}
END_TEST

/* Any stretch, however it lies across blocks, equals the same stretch of one long run. */
START_TEST(every_part_equals_the_whole) {
    static const struct {
        uint64_t first;
        size_t count;
    } part[] = {{0, 1}, {1023, 2}, {1024, 1024}, {2047, 2}, {2048, 2048}, {700, 5000}, {8191, 1}, {3000, 0}};
    const struct random_stream stream = stream_of(4, "parts", 1, 1);
    double whole[8192], got[8192];

    for (int normal = 0; normal < 2; normal++) {
        (normal ? random_normals : random_uniforms)(&stream, 0, 8192, whole);
        for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
            got[part[i].count] = -77.0;
            (normal ? random_normals : random_uniforms)(&stream, part[i].first, part[i].count, got);
            ck_assert_int_eq(memcmp(got, whole + part[i].first, part[i].count * sizeof *got), 0);
            ck_assert_double_eq(got[part[i].count], -77.0);
        }
    }
}
END_TEST

static void moments(const double *value, double *mean, double *variance, double *kurtosis) {
    double m = 0, v = 0, k = 0;

    for (size_t i = 0; i < SAMPLE; i++)
        m += value[i] / SAMPLE;
    for (size_t i = 0; i < SAMPLE; i++) {
        const double d = value[i] - m;
        v += d * d / SAMPLE;
        k += d * d * d * d / SAMPLE;
    }
    *mean = m;
    *variance = v;
    *kurtosis = k / (v * v);
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Kolmogorov's distance times sqrt(n); above 1.95 in one of a thousand samples. */
static double kolmogorov(double *value, double (*distribution)(double)) {
    double worst = 0;

    qsort(value, SAMPLE, sizeof *value, by_value);
    for (size_t i = 0; i < SAMPLE; i++) {
        const double p = distribution(value[i]);
        worst = fmax(worst, fmax(p - (double)i / SAMPLE, (double)(i + 1) / SAMPLE - p));
    }
    return worst * sqrt(SAMPLE);
}

static double normal_distribution(double x) {
    return 0.5 * erfc(-x * M_SQRT1_2);
}

static double uniform_distribution(double x) {
    return x;
}

START_TEST(normals_are_normal) {
    double *value = draw(random_normals, 5), mean, variance, kurtosis;
    size_t beyond = 0;

    moments(value, &mean, &variance, &kurtosis);
    ck_assert_double_eq_tol(mean, 0.0, 4.0 / 1024.0);
    ck_assert_double_eq_tol(variance, 1.0, 4.0 * sqrt(2.0) / 1024.0);
    ck_assert_double_eq_tol(kurtosis, 3.0, 4.0 * sqrt(24.0) / 1024.0);
    for (size_t i = 0; i < SAMPLE; i++)
        beyond += fabs(value[i]) > 4.0;
    /* 66.4 of them are expected, with a standard deviation of 8.1. */
    ck_assert_uint_ge(beyond, 34);
    ck_assert_uint_le(beyond, 99);
    ck_assert_double_lt(kolmogorov(value, normal_distribution), 1.95);
    free(value);
}
END_TEST

START_TEST(uniforms_are_uniform) {
    double *value = draw(random_uniforms, 6), mean, variance, kurtosis;

    moments(value, &mean, &variance, &kurtosis);
    ck_assert_double_eq_tol(mean, 0.5, 4.0 * sqrt(1.0 / 12.0) / 1024.0);
    ck_assert_double_eq_tol(kurtosis, 1.8, 0.01);
    ck_assert_double_lt(kolmogorov(value, uniform_distribution), 1.95);
    /* The test must be able to see a wrong distribution. */
    for (size_t i = 0; i < SAMPLE; i++)
        value[i] *= value[i] < 0.5 ? 1.0 : 0.99;
    ck_assert_double_gt(kolmogorov(value, uniform_distribution), 1.95);
    free(value);
}
END_TEST

/* The correlation of two independent samples of n has standard deviation 1/sqrt(n). */
static void expect_uncorrelated(const double *a, const double *b, size_t n) {
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i] / (double)n;
    ck_assert_double_lt(fabs(sum), 4.5 / sqrt((double)n));
}

START_TEST(addresses_are_independent) {
    enum { N = 100000 };
    static double base[N + RANDOM_BLOCK], other[N];
    const struct random_stream stream[5] = {stream_of(1, "case", 2, 3), stream_of(2, "case", 2, 3),
                                            stream_of(1, "case2", 2, 3), stream_of(1, "case", 3, 3),
                                            stream_of(1, "case", 2, 4)};

    random_normals(&stream[0], 0, N + RANDOM_BLOCK, base);
    for (size_t k = 1; k < 5; k++) {
        random_normals(&stream[k], 0, N, other);
        ck_assert_int_ne(memcmp(stream[0].key, stream[k].key, RANDOM_KEY_BYTES), 0);
        expect_uncorrelated(base, other, N);
    }
    expect_uncorrelated(base, base + 1, N);
    expect_uncorrelated(base, base + RANDOM_BLOCK, N);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("random");
    TCase *tests = tcase_create("random");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, block_is_the_chacha20_of_rfc_8439);
    tcase_add_test(tests, key_is_frozen);
    tcase_add_test(tests, numbers_are_frozen);
    tcase_add_test(tests, uniform_never_reaches_its_ends);
    tcase_add_test(tests, normals_agree_with_libm);
    tcase_add_test(tests, every_part_equals_the_whole);
    tcase_add_test(tests, normals_are_normal);
    tcase_add_test(tests, uniforms_are_uniform);
    tcase_add_test(tests, addresses_are_independent);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
