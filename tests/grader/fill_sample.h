/* SPDX-License-Identifier: MIT */
/* A sample tensor of 37 rows and 129 columns, shared by the two test programs of fill.h: more than one stretch, and
 * neither number a multiple of anything. */
#ifndef TESTS_GRADER_FILL_SAMPLE_H
#define TESTS_GRADER_FILL_SAMPLE_H

#include <check.h>
#include <string.h>

#include "grader/fill.h"

enum { ROWS = 37, COLUMNS = 129, COUNT = ROWS * COLUMNS };

static float value[COUNT + 1];

static inline struct random_stream stream_of(uint64_t seed) {
    struct random_stream stream;

    random_stream_init(&stream, seed, "fill", 0, 0);
    return stream;
}

/* The kind with its own defaults. */
static inline struct fill fill_of(enum fill_kind kind) {
    struct fill fill = {.kind = kind};

    memcpy(fill.parameter, fill_describe(kind)->fallback, sizeof fill.parameter);
    return fill;
}

static inline void make(const struct fill *fill) {
    static const int64_t shape[2] = {ROWS, COLUMNS};
    const struct random_stream stream = stream_of(1);

    memset(value, 0xa5, sizeof value);
    fill_make(fill, DTYPE_F32, shape, 2, &stream, value);
    ck_assert_uint_eq(((unsigned char *)&value[COUNT])[0], 0xa5);
}

static inline void make_kind(enum fill_kind kind, double a, double b, double c, double d) {
    const struct fill fill = {.kind = kind, .parameter = {a, b, c, d}};

    make(&fill);
}

static inline float at(int row, int column) {
    return value[row * COLUMNS + column];
}

#endif
