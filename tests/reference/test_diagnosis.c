/* SPDX-License-Identifier: MIT */
/* The rules of the diagnosis, one broken identity at a time, on a trace that is healthy otherwise. How they do on real
 * runs is for tests/bench/diagnosis.c to say. */
#define REAL_IS_DOUBLE 1
#include "reference/diagnosis.h"

#include <check.h>
#include <stdlib.h>

enum { STEPS = 120, CRCS = TRACE_CHECKSUMS * TRACE_SHARDS * TRACE_GROUPS };

static struct {
    double record[STEPS][TRACE_COLUMNS];
    int32_t crc[STEPS][CRCS];
} now;

/* Updates of Adam as a share of the rate: its first few are alike in every run. */
static double update_share(size_t step) {
    static const double first[] = {1, .74, .64, .58, .54};
    return step < 5 ? first[step] : .25;
}

/* A run of constants at a rate that warms up and falls. */
static void make_healthy(void) {
    static const double elements[TRACE_GROUPS] = {768, 3280, 3280, 32};
    for (size_t t = 0; t < STEPS; t++) {
        double *r = now.record[t];
        for (size_t c = 0; c < TRACE_COLUMNS; c++)
            r[c] = 0;
        r[TRACE_LOSS] = 3;
        r[TRACE_RATE] = t < 20 ? .015 * (double)(t + 1) / 20 : .015 * (1 - (double)(t - 19) / STEPS);
        r[TRACE_SCALE] = r[TRACE_CLIP] = r[TRACE_GRAD_NORM] = 1;
        for (size_t s = 0; s < TRACE_SHARDS; s++) {
            r[TRACE_SHARD_LOSS + s] = 3;
            r[TRACE_SHARD_GNORM + s] = 2;
            for (size_t g = 0; g < TRACE_GROUPS; g++)
                r[TRACE_SHARD_GN + s * TRACE_GROUPS + g] = 1 + .05 * (double)((t + s) % 3);
        }
        for (size_t g = 0; g < TRACE_GROUPS; g++) {
            r[TRACE_GN + g] = .55;
            /* Grows by .4 of the rate in every step. */
            r[TRACE_PN + g] = t == 0 ? 4 : now.record[t - 1][TRACE_PN + g] * exp(.4 * now.record[t - 1][TRACE_RATE]);
            r[TRACE_UN + g] = r[TRACE_DW + g] = update_share(t) * r[TRACE_RATE] * sqrt(elements[g]);
        }
        for (int i = 0; i < CRCS; i++) /* sent and received alike, and one value of each group for all replicas */
            now.crc[t][i] = (int32_t)(1000 * t) + (i < 32 ? i % 16 : 500 + i % 4);
    }
}

static struct diagnosis diagnose(size_t steps) {
    const struct trace trace = {.record = &now.record[0][0],
                                .crc = &now.crc[0][0],
                                .steps = steps,
                                .runs = 1,
                                .has_crc = true,
                                .has_update = true};
    struct diagnosis d, other;
    diagnosis_make(&trace, &d);
    diagnosis_by_rules(&trace, &other);
    ck_assert_int_eq(d.cause, other.cause);
    ck_assert_int_eq(d.first_step, other.first_step);
    double sum = 0;
    for (int c = 0; c < TRACE_CAUSES; c++) {
        ck_assert(d.probability[c] >= 0 && d.probability[c] <= d.probability[d.cause]);
        sum += d.probability[c];
    }
    ck_assert_double_eq_tol(sum, 1, 1e-9);
    return d;
}

static void expect(enum trace_cause cause, int32_t first, int32_t shard, int32_t group) {
    struct diagnosis d = diagnose(STEPS);
    ck_assert_int_eq(d.cause, (int32_t)cause);
    ck_assert_int_eq(d.first_step, first);
    ck_assert_int_eq(d.shard, shard);
    ck_assert_int_eq(d.group, group);
}

START_TEST(healthy) {
    expect(CAUSE_NONE, -1, -1, -1);
    ck_assert_int_eq(diagnose(0).cause, CAUSE_NONE);
    ck_assert_int_eq(diagnose(1).cause, CAUSE_NONE);
}
END_TEST

START_TEST(checksums) {
    now.crc[70][16 + 4 * 2 + 1] ^= 1;
    expect(CAUSE_HARDWARE, 70, 2, 1);
    ck_assert_int_eq(diagnose(70).cause, CAUSE_NONE);
    now.crc[70][16 + 4 * 2 + 3] ^= 1; /* two buckets of one shard: no group of its own */
    expect(CAUSE_HARDWARE, 70, 2, -1);
    now.crc[60][32 + 4 * 1 + 2] += 7; /* a replica, earlier */
    expect(CAUSE_HARDWARE, 60, 1, 2);
}
END_TEST

START_TEST(numbers) {
    for (size_t t = 0; t < STEPS; t++)
        now.record[t][TRACE_SCALE] = t <= 50 ? 1024 : 512;
    now.record[50][TRACE_SKIPPED] = 1;
    now.record[50][TRACE_NONFINITE] = 3;
    for (size_t g = 0; g < TRACE_GROUPS; g++) {
        now.record[50][TRACE_GN + g] = INFINITY;
        now.record[50][TRACE_UN + g] = now.record[50][TRACE_DW + g] = 0;
    }
    expect(CAUSE_NONE, -1, -1, -1); /* as it should be */
    now.record[51][TRACE_SCALE] = 2048;
    expect(CAUSE_NUMBERS, 51, -1, -1);
    now.record[50][TRACE_SKIPPED] = 0;
    expect(CAUSE_NUMBERS, 50, -1, -1);
    now.record[0][TRACE_DW + 3] *= .7;
    expect(CAUSE_NUMBERS, 0, -1, -1);
}
END_TEST

START_TEST(rates) {
    now.record[90][TRACE_RATE] *= 1.2;
    expect(CAUSE_RATE, 90, -1, -1);
    for (size_t t = 0; t < 20; t++)
        now.record[t][TRACE_RATE] = .015;
    expect(CAUSE_RATE, 0, -1, -1);
}
END_TEST

START_TEST(gradients) {
    now.record[80][TRACE_GN + 1] = 1.3;
    ck_assert_int_eq(diagnose(STEPS).cause, CAUSE_HARDWARE);
    ck_assert_int_eq(diagnose(STEPS).group, 1);
    for (size_t t = 75; t < 80; t++)
        now.record[t][TRACE_SHARD_GN + 4 * 3 + 2] *= 3;
    expect(CAUSE_HARDWARE, 75, 3, 2);
    now.record[60][TRACE_ACT_MAX + 1] = 1e30;
    now.record[60][TRACE_SHARD_GNORM + 1] = .1;
    expect(CAUSE_HARDWARE, 60, 1, 1);
}
END_TEST

START_TEST(texts) {
    now.record[10][TRACE_BIGRAM_NOVEL] = .9; /* everything is new to a young run */
    expect(CAUSE_NONE, -1, -1, -1);
    now.record[64][TRACE_BIGRAM_NOVEL + 3] = .4;
    expect(CAUSE_DATA, 64, 3, -1);
    now.record[63][TRACE_REP_FRAC + 1] = now.record[63][TRACE_REP_FRAC + 2] = .95;
    expect(CAUSE_DATA, 63, -1, -1);
}
END_TEST

START_TEST(updates) {
    for (size_t g = 0; g < TRACE_GROUPS; g++)
        now.record[66][TRACE_UN + g] = now.record[66][TRACE_DW + g] *= 9;
    expect(CAUSE_OPTIMISER, 66, -1, -1);
    for (size_t g = 0; g < TRACE_GROUPS; g++) {
        now.record[0][TRACE_UN + g] *= .45;
        now.record[0][TRACE_DW + g] *= .45;
    }
    expect(CAUSE_OPTIMISER, 0, -1, -1);
}
END_TEST

/* Whatever the bytes are, there is an answer in its ranges. */
START_TEST(any_bytes) {
    for (int k = 0; k < 3; k++) {
        for (size_t t = 40; t < STEPS; t++)
            for (size_t c = 0; c < TRACE_COLUMNS; c++)
                now.record[t][c] = k == 0 ? NAN : k == 1 ? INFINITY : -1e38;
        struct diagnosis d = diagnose(STEPS);
        ck_assert(d.cause >= 0 && d.cause < TRACE_CAUSES && d.first_step >= -1 && d.first_step < STEPS);
        ck_assert(d.shard >= -1 && d.shard < TRACE_SHARDS && d.group >= -1 && d.group < TRACE_GROUPS);
    }
}
END_TEST

int main(void) {
    const TTest *const tests[] = {healthy, checksums, numbers, rates, gradients, texts, updates, any_bytes};
    Suite *suite = suite_create("diagnosis");
    TCase *all = tcase_create("rules");
    tcase_add_checked_fixture(all, make_healthy, NULL);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
