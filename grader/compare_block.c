/* SPDX-License-Identifier: MIT */
/* Errors of one block of elements. Compiled without -ffast-math: NaN has to behave. */
#include "grader/compare_block.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "grader/clones.h"

struct number {
    double unit, tiny, subnormal, overflow, own;
};

/* bf16 outputs are computed in float32 and rounded once at the end. Were the unit that of bf16, sixteen units would be
 * six per cent; so the unit stays that of float32 and half a bf16 spacing is forgiven on top. */
static const struct number number_table[DTYPE_COUNT] = {
    [DTYPE_F32] = {.unit = 0x1p-24, .tiny = 0x1p-126, .subnormal = 0x1p-149, .overflow = 0x1.ffffffp127},
    [DTYPE_F64] = {.unit = 0x1p-53, .tiny = 0x1p-1022, .subnormal = 0x1p-1074, .overflow = INFINITY},
    [DTYPE_BF16] = {.unit = 0x1p-24, .tiny = 0x1p-126, .subnormal = 0x1p-149, .overflow = 0x1.ffp127, .own = 0x1p-8},
};

void compare_plan_init(struct compare_plan *plan, const struct compare_tensor *tensor,
                       const struct compare_rule *rule) {
    const struct number *number = &number_table[tensor->type];
    const double reduction = rule->reduction >= 1 ? rule->reduction : 1;

    *plan = (struct compare_plan){.tensor = tensor, .rule = rule->rule, .count = 1};
    for (size_t k = 0; k < tensor->rank; k++)
        plan->count *= tensor->shape[k];
    plan->limit = rule->limit;
    if (!dtype_info(tensor->type)->floating) {
        plan->rule = rule->rule == SPEC_RULE_JUDGED ? SPEC_RULE_JUDGED : SPEC_RULE_EXACT;
        plan->overflow = INFINITY;
        plan->floor = 1;
        return;
    }
    plan->unit = number->unit;
    plan->floor = reduction * number->subnormal;
    plan->tiny = number->tiny;
    plan->slack = rule->strict_denormal ? 0 : number->tiny;
    plan->overflow = number->overflow;
    plan->own = number->own;
    assert(plan->rule != SPEC_RULE_GAUGE || plan->count == 0 || tensor->gauge);
}

static enum dtype expected_type(const struct compare_plan *plan) {
    const enum dtype type = plan->tensor->type;

    return dtype_info(type)->floating ? DTYPE_F64 : type;
}

double compare_expected(const struct compare_plan *plan, int64_t flat) {
    return dtype_load(expected_type(plan), plan->tensor->expected, (size_t)flat);
}

CLONES
static void load(enum dtype type, const void *array, int64_t first, size_t count, double *out) {
    const size_t at = (size_t)first;

    if (type == DTYPE_F32) {
        const float *value = (const float *)array + at;
        for (size_t i = 0; i < count; i++)
            out[i] = (double)value[i];
    } else if (type == DTYPE_F64) {
        memcpy(out, (const double *)array + at, count * sizeof *out);
    } else {
        for (size_t i = 0; i < count; i++)
            out[i] = dtype_load(type, array, at + i);
    }
    memset(out + count, 0, (COMPARE_BLOCK - count) * sizeof *out);
}

static double power_of_two_below(double magnitude) {
    uint64_t bits;

    memcpy(&bits, &magnitude, sizeof bits);
    bits &= 0x7ff0000000000000u;
    memcpy(&magnitude, &bits, sizeof bits);
    return magnitude;
}

/* Sizes of the errors, and in block->ratio what is left of them after what is forgiven. Returns how many elements need
 * a second look: not finite, beyond the output's range, or with a subnormal oracle. */
CLONES
static int64_t fill_errors(const struct compare_plan *plan, struct compare_block *block) {
    const double tiny = plan->tiny, slack = plan->slack, own = plan->own, overflow = plan->overflow;
    int64_t odd = 0;

    for (size_t i = 0; i < COMPARE_BLOCK; i++) {
        const double size = fabs(block->expected[i]);
        const double error = fabs(block->got[i] - block->expected[i]);
        const double forgiven = (size < tiny ? slack : 0) + own * power_of_two_below(size);
        const double rest = error - forgiven;

        block->error[i] = error;
        block->ratio[i] = rest > 0 ? rest : 0;
        odd += !(error <= DBL_MAX) | !(size < overflow) | (size < tiny && size > 0);
    }
    return odd;
}

/* Sign and magnitude as one whole number, so that neighbouring floats differ by one. A double holds every one of them
 * and every difference exactly. */
static inline double order_of(int32_t bits) {
    const double magnitude = (double)(bits & 0x7fffffff);

    return bits < 0 ? -magnitude : magnitude;
}

static double ulp_f32(double got, double expected) {
    const float values[2] = {(float)got, (float)expected};
    int32_t bits[2];

    memcpy(bits, values, sizeof bits);
    return fabs(order_of(bits[0]) - order_of(bits[1]));
}

static double ulp_f64(double got, double expected) {
    int64_t a, b;

    memcpy(&a, &got, sizeof a);
    memcpy(&b, &expected, sizeof b);
    a = a < 0 ? (int64_t)(0x8000000000000000u - (uint64_t)a) : a;
    b = b < 0 ? (int64_t)(0x8000000000000000u - (uint64_t)b) : b;
    return (double)(a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a);
}

static double rounded(enum dtype type, double value) {
    _Alignas(8) unsigned char storage[8];

    if (!dtype_info(type)->floating)
        return value;
    dtype_store(type, storage, 0, value);
    return dtype_load(type, storage, 0);
}

/* A bf16 number is a float32 whose lower half is zero, so its distance is a float32's without the lower half. */
static double ulp_of(enum dtype type, double got, double expected) {
    if (type == DTYPE_F64)
        return ulp_f64(got, expected);
    if (type == DTYPE_BF16)
        return ulp_f32(got, rounded(DTYPE_BF16, expected)) * 0x1p-16;
    return ulp_f32(got, expected);
}

/* In steps over whole arrays: a float whose bits are looked at inside the loop keeps gcc from vectorising it. */
CLONES
static void fill_ulps_f32(struct compare_block *block) {
    float got[COMPARE_BLOCK], expected[COMPARE_BLOCK];
    int32_t a[COMPARE_BLOCK], b[COMPARE_BLOCK];

    for (size_t i = 0; i < COMPARE_BLOCK; i++) {
        got[i] = (float)block->got[i];
        expected[i] = (float)block->expected[i];
    }
    memcpy(a, got, sizeof a);
    memcpy(b, expected, sizeof b);
    for (size_t i = 0; i < COMPARE_BLOCK; i++)
        block->ulp[i] = fabs(order_of(a[i]) - order_of(b[i]));
}

static void fill_ulps(const struct compare_plan *plan, struct compare_block *block) {
    const enum dtype type = plan->tensor->type;

    if (type == DTYPE_F32) {
        fill_ulps_f32(block);
    } else if (dtype_info(type)->floating) {
        for (size_t i = 0; i < COMPARE_BLOCK; i++)
            block->ulp[i] = ulp_of(type, block->got[i], block->expected[i]);
    } else {
        memcpy(block->ulp, block->error, sizeof block->ulp);
    }
}

/* 64-bit integers do not fit a double, so their distance is taken in integers. */
static void fix_wide_integers(const struct compare_plan *plan, struct compare_block *block) {
    const int64_t *got = (const int64_t *)plan->tensor->got + block->first;
    const int64_t *expected = (const int64_t *)plan->tensor->expected + block->first;

    for (size_t i = 0; i < block->count; i++) {
        const uint64_t a = (uint64_t)got[i], b = (uint64_t)expected[i];
        block->error[i] = (double)(got[i] > expected[i] ? a - b : b - a);
    }
}

static void fill_exact(const struct compare_plan *plan, struct compare_block *block) {
    const enum dtype type = plan->tensor->type;

    if (!dtype_info(type)->floating) {
        for (size_t i = 0; i < COMPARE_BLOCK; i++)
            block->ratio[i] = block->error[i] > 0 ? INFINITY : 0;
        return;
    }
    if (type == DTYPE_F32) {
        for (size_t i = 0; i < COMPARE_BLOCK; i++)
            block->ratio[i] = block->got[i] == (double)(float)block->expected[i] ? 0 : INFINITY;
        return;
    }
    for (size_t i = 0; i < COMPARE_BLOCK; i++)
        block->ratio[i] = block->got[i] == rounded(type, block->expected[i]) ? 0 : INFINITY;
}

CLONES
static int64_t fill_gauge_ratios(const struct compare_plan *plan, struct compare_block *block) {
    const double unit = plan->unit, floor = plan->floor;
    double gauge[COMPARE_BLOCK];
    int64_t broken = 0;

    load(DTYPE_F64, plan->tensor->gauge, block->first, block->count, gauge);
    for (size_t i = 0; i < COMPARE_BLOCK; i++) {
        block->ratio[i] = block->ratio[i] / (unit * gauge[i] + floor);
        broken += !(gauge[i] >= 0) | !(gauge[i] <= DBL_MAX);
    }
    return broken;
}

static int64_t fill_ratios(const struct compare_plan *plan, struct compare_block *block) {
    switch (plan->rule) {
    case SPEC_RULE_GAUGE:
        return fill_gauge_ratios(plan, block);
    case SPEC_RULE_EXACT:
        fill_exact(plan, block);
        return 0;
    case SPEC_RULE_ULP:
        for (size_t i = 0; i < COMPARE_BLOCK; i++)
            block->ratio[i] = block->ratio[i] > 0 ? block->ulp[i] : 0;
        return 0;
    case SPEC_RULE_AT_LEAST:
        compare_fill_at_least(plan, block);
        return 0;
    case SPEC_RULE_FROBENIUS:
    case SPEC_RULE_CURVE:
    case SPEC_RULE_JUDGED:
    case SPEC_RULES:
        return 0;
    }
    return 0;
}

CLONES
static int64_t count_poison(const struct compare_plan *plan, const struct compare_block *block) {
    const size_t bytes = dtype_info(plan->tensor->type)->bytes;
    const unsigned char *got = (const unsigned char *)plan->tensor->got + (size_t)block->first * bytes;
    const unsigned char *poison = (const unsigned char *)plan->tensor->poison + (size_t)block->first * bytes;
    int64_t same = 0;

    if (bytes == sizeof(uint32_t)) {
        for (size_t i = 0; i < block->count; i++) {
            uint32_t a, b;
            memcpy(&a, got + i * sizeof a, sizeof a);
            memcpy(&b, poison + i * sizeof b, sizeof b);
            same += a == b;
        }
        return same;
    }
    for (size_t i = 0; i < block->count; i++)
        same += memcmp(got + i * bytes, poison + i * bytes, bytes) == 0;
    return same;
}

bool compare_is_unwritten(const struct compare_plan *plan, int64_t flat) {
    const struct compare_tensor *tensor = plan->tensor;
    const size_t bytes = dtype_info(tensor->type)->bytes, at = (size_t)flat * bytes;
    const unsigned char *got = tensor->got, *poison = tensor->poison, *expected = tensor->expected;

    if (!poison || memcmp(got + at, poison + at, bytes) != 0)
        return false;
    if (!dtype_info(tensor->type)->floating)
        return memcmp(got + at, expected + at, bytes) != 0;
    return dtype_load(tensor->type, got, (size_t)flat) != rounded(tensor->type, compare_expected(plan, flat));
}

static void set_size(struct compare_block *block, size_t i, double size) {
    block->error[i] = block->ulp[i] = block->ratio[i] = size;
}

static double gauge_at(const struct compare_plan *plan, const struct compare_block *block, size_t i) {
    return plan->rule == SPEC_RULE_GAUGE ? plan->tensor->gauge[block->first + (int64_t)i] : 0;
}

/* A result below the smallest normal number that came out smaller than rounding explains. */
static void note_flush(const struct compare_plan *plan, struct compare_block *block, size_t i) {
    const double size = fabs(block->expected[i]);

    if (size > 0 && size < plan->tiny && fabs(block->got[i]) < size &&
        block->error[i] > plan->unit * gauge_at(plan, block, i) + plan->floor)
        block->flushed++;
}

/* One element by the rules for special values, in the order of severity. */
static void repair(const struct compare_plan *plan, struct compare_block *block, size_t i) {
    const double got = block->got[i], expected = block->expected[i];
    const bool infinite = fabs(expected) >= plan->overflow;

    if (compare_is_unwritten(plan, block->first + (int64_t)i)) {
        set_size(block, i, INFINITY);
        block->mark[i] = COMPARE_UNWRITTEN;
        block->unwritten++;
    } else if (isnan(expected)) {
        set_size(block, i, isnan(got) ? 0 : INFINITY);
        block->both_nan += isnan(got) != 0;
    } else if (infinite) {
        set_size(block, i, isinf(got) && signbit(got) == signbit(expected) ? 0 : INFINITY);
    } else if (!isfinite(got)) {
        set_size(block, i, INFINITY);
        block->mark[i] = COMPARE_NOT_FINITE;
        block->not_finite++;
    } else {
        const double gauge = gauge_at(plan, block, i);

        note_flush(plan, block, i);
        if (!(gauge >= 0 && gauge <= DBL_MAX))
            block->ratio[i] = INFINITY;
    }
    if (isnan(expected) || infinite)
        block->expected[i] = 0;
}

void compare_block_fill(const struct compare_plan *plan, int64_t first, struct compare_block *block) {
    const struct compare_tensor *tensor = plan->tensor;
    const int64_t rest = plan->count - first;
    int64_t special;

    block->first = first;
    block->count = rest < COMPARE_BLOCK ? (size_t)rest : (size_t)COMPARE_BLOCK;
    block->not_finite = block->unwritten = block->flushed = block->both_nan = 0;
    memset(block->mark, COMPARE_PLAIN, sizeof block->mark);
    load(tensor->type, tensor->got, first, block->count, block->got);
    if (plan->rule == SPEC_RULE_JUDGED) {
        compare_fill_judged(plan, block);
        return;
    }
    load(expected_type(plan), tensor->expected, first, block->count, block->expected);
    special = fill_errors(plan, block);
    if (tensor->type == DTYPE_I64)
        fix_wide_integers(plan, block);
    fill_ulps(plan, block);
    special += fill_ratios(plan, block);
    if (tensor->poison)
        special += count_poison(plan, block);
    if (special == 0)
        return;
    for (size_t i = 0; i < block->count; i++)
        repair(plan, block, i);
}
