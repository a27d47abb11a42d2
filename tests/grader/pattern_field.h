/* SPDX-License-Identifier: MIT */
/* Synthetic outputs with one defect each, for test_pattern.c. */
#ifndef TESTS_GRADER_PATTERN_FIELD_H
#define TESTS_GRADER_PATTERN_FIELD_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/pattern.h"

enum { CELLS_MAX = 70000 };

/* An output with right answers, for a scenario to spoil. */
struct field {
    size_t rank;
    int64_t shape[4];
    int64_t rows, columns, count;
    double y[CELLS_MAX], gauge[CELLS_MAX];
    float got[CELLS_MAX];
    uint32_t poison[CELLS_MAX];
};

static uint64_t mix(uint64_t z) {
    z = (z + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void field_init(struct field *f, size_t rank, const int64_t *shape) {
    f->rank = rank;
    f->count = 1;
    for (size_t k = 0; k < rank; k++) {
        f->shape[k] = shape[k];
        f->count *= shape[k];
    }
    ck_assert_int_le(f->count, CELLS_MAX);
    f->columns = shape[rank - 1];
    f->rows = rank > 1 ? shape[rank - 2] : 1;
    for (int64_t i = 0; i < f->count; i++) {
        f->y[i] = (double)(int64_t)(mix((uint64_t)i) >> 11) * 0x1p-51 - 2 + 1e-9;
        f->gauge[i] = fabs(f->y[i]) + 0.1;
        f->got[i] = (float)f->y[i];
        f->poison[i] = 0x7fa00000u | ((uint32_t)mix((uint64_t)i + 77) & 0xfffffu);
    }
}

static int64_t row_of(const struct field *f, int64_t i) {
    return i / f->columns % f->rows;
}

static int64_t column_of(const struct field *f, int64_t i) {
    return i % f->columns;
}

static struct pattern find(const struct field *f, struct compare_result *result) {
    const struct compare_tensor tensor = {.name = "o",
                                          .type = DTYPE_F32,
                                          .rank = f->rank,
                                          .shape = f->shape,
                                          .got = f->got,
                                          .expected = f->y,
                                          .gauge = f->gauge,
                                          .poison = f->poison};
    const struct compare_rule rule = {.rule = SPEC_RULE_GAUGE, .reduction = 64};
    struct compare_bound bound;
    struct pattern pattern;

    compare_bound_from(&rule, NULL, 0, &bound);
    compare_judge(&tensor, &rule, &bound, result);
    ck_assert_int_ne(result->verdict, VERDICT_PASSED);
    pattern_find(&tensor, &rule, result, &pattern);
    return pattern;
}

/* ---- scenarios: each returns the spoiled value of element i ---- */

static float bits_float(uint32_t bits) {
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float keep_bits(float value, int bits) {
    int exponent;
    const double fraction = frexp((double)value, &exponent);

    return (float)ldexp(nearbyint(ldexp(fraction, bits)), exponent - bits);
}

static float untouched(const struct field *f, int64_t i) {
    return bits_float(f->poison[i]);
}
static float untouched_tail(const struct field *f, int64_t i) {
    return row_of(f, i) >= f->rows - 5 ? bits_float(f->poison[i]) : f->got[i];
}
static float zeros(const struct field *f, int64_t i) {
    (void)f;
    (void)i;
    return 0;
}
static float constant(const struct field *f, int64_t i) {
    (void)f;
    (void)i;
    return 0.25f;
}
static float nans(const struct field *f, int64_t i) {
    (void)f;
    (void)i;
    return NAN;
}
static float infinite_row(const struct field *f, int64_t i) {
    return row_of(f, i) == 3 ? INFINITY : f->got[i];
}
static float accumulated(const struct field *f, int64_t i) {
    return bits_float(f->poison[i] | 0x400000u);
}
static float inverse_root(const struct field *f, int64_t i) {
    return f->got[i] / sqrtf((float)f->columns);
}
static float by_rows(const struct field *f, int64_t i) {
    return f->got[i] * (float)f->rows;
}
static float odd_factor(const struct field *f, int64_t i) {
    return f->got[i] * 1.37f;
}
static float doubled_tail(const struct field *f, int64_t i) {
    return row_of(f, i) >= f->rows - 8 ? 2 * f->got[i] : f->got[i];
}
static float negative(const struct field *f, int64_t i) {
    return -f->got[i];
}
static float offset(const struct field *f, int64_t i) {
    return f->got[i] + 0.5f;
}
static float noise(const struct field *f, int64_t i) {
    return f->got[i] + 1 + 0.1f * (float)(mix((uint64_t)i) % 97);
}
static float one_head(const struct field *f, int64_t i) {
    return i / (f->rows * f->columns) % f->shape[1] == 2 ? noise(f, i) : f->got[i];
}
static float late_batches(const struct field *f, int64_t i) {
    return i / (f->rows * f->columns * f->shape[1]) >= 1 ? noise(f, i) : f->got[i];
}
static float head_tail(const struct field *f, int64_t i) {
    return row_of(f, i) >= f->rows - 3 ? one_head(f, i) : f->got[i];
}
static float tail_rows(const struct field *f, int64_t i) {
    return row_of(f, i) >= 992 ? noise(f, i) : f->got[i];
}
static float last_row(const struct field *f, int64_t i) {
    return row_of(f, i) == f->rows - 1 ? noise(f, i) : f->got[i];
}
static float tail_columns(const struct field *f, int64_t i) {
    return column_of(f, i) >= f->columns - 3 ? noise(f, i) : f->got[i];
}
static float third_columns(const struct field *f, int64_t i) {
    return column_of(f, i) % 8 == 3 ? noise(f, i) : f->got[i];
}
static float upper_lanes(const struct field *f, int64_t i) {
    return column_of(f, i) % 8 >= 4 ? noise(f, i) : f->got[i];
}
static float eighth_rows(const struct field *f, int64_t i) {
    return row_of(f, i) % 8 == 7 ? noise(f, i) : f->got[i];
}
static float upper(const struct field *f, int64_t i) {
    return column_of(f, i) > row_of(f, i) ? noise(f, i) : f->got[i];
}
static float diagonal(const struct field *f, int64_t i) {
    return column_of(f, i) == row_of(f, i) ? noise(f, i) : f->got[i];
}
static float lower(const struct field *f, int64_t i) {
    return column_of(f, i) <= row_of(f, i) ? noise(f, i) : f->got[i];
}
static float shifted(const struct field *f, int64_t i) {
    return row_of(f, i) > 0 ? (float)f->y[i - f->columns] : 9;
}
static float transposed(const struct field *f, int64_t i) {
    return (float)f->y[i % f->rows * f->columns + i / f->rows];
}
static float swapped(const struct field *f, int64_t i) {
    const int64_t heads = f->shape[1], slab = heads * f->rows * f->columns, within = i % slab;
    const int64_t place = within / f->columns;

    return (float)f->y[i - within + (place % heads * f->rows + place / heads) * f->columns + within % f->columns];
}
static float brain(const struct field *f, int64_t i) {
    return keep_bits(f->got[i], 8);
}
static float tensor_core(const struct field *f, int64_t i) {
    return keep_bits(f->got[i], 11);
}
static float rough(const struct field *f, int64_t i) {
    return f->got[i] * (1 + 2e-5f * ((float)(mix((uint64_t)i + 5) % 2001) / 1000 - 1));
}
static float scattered(const struct field *f, int64_t i) {
    return mix((uint64_t)i + 9) % 50 == 0 ? noise(f, i) : f->got[i];
}
static float single(const struct field *f, int64_t i) {
    return i == 137 ? noise(f, i) : f->got[i];
}
static float everything(const struct field *f, int64_t i) {
    return noise(f, i);
}

#endif
