/* SPDX-License-Identifier: MIT */
/* Fills a tensor: the table of distributions, the loop over a tensor in stretches, and the overlays. */
#include "grader/fill.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "grader/fill_kinds.h"

struct fill_entry {
    struct fill_description description;
    fill_maker *make; /* NULL: works on whole rows (a permutation, a data set) */
};

#define FILL_ENTRY(kind_name, maker, parameters, ...)                                                                  \
    { .description = {.name = kind_name, .parameter_count = parameters, __VA_ARGS__}, .make = maker }

static const struct fill_entry fill_table[FILL_COUNT] = {
    [FILL_ZERO] = FILL_ENTRY("zero", fill_zero, 0),
    [FILL_CONSTANT] = FILL_ENTRY("constant", fill_constant, 1, .parameter = {"value"}, .fallback = {0}),
    [FILL_NORMAL] = FILL_ENTRY("normal", fill_normal, 2, .parameter = {"mean", "sd"}, .fallback = {0, 1}),
    [FILL_UNIFORM] = FILL_ENTRY("uniform", fill_uniform, 2, .parameter = {"low", "high"}, .fallback = {0, 1}),
    [FILL_LOG_UNIFORM] =
        FILL_ENTRY("log_uniform", fill_log_uniform, 2, .parameter = {"low", "high"}, .fallback = {-3, 3}),
    [FILL_ROW_SCALED] = FILL_ENTRY("row_scaled", fill_row_scaled, 4, .parameter = {"mean", "sd", "low", "high"},
                                   .fallback = {0, 1, -3, 3}),
    [FILL_CONSTANT_ROWS] =
        FILL_ENTRY("constant_rows", fill_constant_rows, 2, .parameter = {"mean", "sd"}, .fallback = {0, 1}),
    [FILL_NEAR_CONSTANT] =
        FILL_ENTRY("near_constant", fill_near_constant, 2, .parameter = {"value", "spread"}, .fallback = {1, 1e-6}),
    [FILL_OUTLIER] =
        FILL_ENTRY("outlier", fill_outlier, 3, .parameter = {"mean", "sd", "value"}, .fallback = {0, 1, 1e4}),
    [FILL_ASCENDING] =
        FILL_ENTRY("ascending", fill_ascending, 3, .parameter = {"start", "step", "sd"}, .fallback = {0, 1, 0}),
    [FILL_ROW_ASCENDING] = FILL_ENTRY("row_ascending", fill_row_ascending, 4,
                                      .parameter = {"start", "step", "period", "sd"}, .fallback = {0, 1, 0, 0}),
    [FILL_TIES] = FILL_ENTRY("ties", fill_ties, 3, .parameter = {"low", "high", "levels"}, .fallback = {0, 1, 4}),
    [FILL_ONE_HOT] = FILL_ENTRY("one_hot", fill_one_hot, 1, .parameter = {"value"}, .fallback = {1}),
    [FILL_PERMUTATION] = FILL_ENTRY("permutation", NULL, 0),
    [FILL_INTEGERS] = FILL_ENTRY("integers", fill_integers, 2, .parameter = {"low", "high"}, .fallback = {0, 1}),
    [FILL_DENORMAL] = FILL_ENTRY("denormal", fill_denormal, 0),
    [FILL_SPECIAL] =
        FILL_ENTRY("special", fill_special, 3, .parameter = {"mean", "sd", "share"}, .fallback = {0, 1, 0.25}),
    [FILL_LIST] = FILL_ENTRY("list", fill_list, 0),
    [FILL_DATASET] = FILL_ENTRY("dataset", NULL, 0),
};

const struct fill_description *fill_describe(enum fill_kind kind) {
    assert((unsigned)kind < FILL_COUNT);
    return &fill_table[kind].description;
}

enum fill_kind fill_from_name(const char *name) {
    for (int i = 0; i < FILL_COUNT; i++)
        if (strcmp(fill_table[i].description.name, name) == 0)
            return (enum fill_kind)i;
    return FILL_COUNT;
}

/* The last two dimensions and all elements; a tensor of rank 1 is one row, and rank 0 one element. */
struct extent {
    uint64_t columns, period, count;
};

static struct extent extent_of(const int64_t *shape, size_t rank) {
    struct extent extent = {.columns = 1, .period = 1, .count = 1};

    for (size_t i = 0; i < rank; i++) {
        assert(shape[i] >= 0);
        extent.count *= (uint64_t)shape[i];
    }
    if (rank >= 1)
        extent.columns = (uint64_t)shape[rank - 1];
    if (rank >= 2)
        extent.period = (uint64_t)shape[rank - 2];
    return extent;
}

static void store_doubles(enum dtype type, const double *restrict value, size_t count, uint64_t first, void *array) {
    if (type == DTYPE_F32) {
        float *restrict out = (float *)array + first;
        for (size_t i = 0; i < count; i++)
            out[i] = (float)value[i];
        return;
    }
    for (size_t i = 0; i < count; i++)
        dtype_store(type, array, first + i, value[i]);
}

static void fill_elements(const struct fill *fill, enum dtype type, const struct extent *extent,
                          const struct random_stream *stream, void *array) {
    struct fill_range range = {.fill = fill,
                               .type = type,
                               .elements = *stream,
                               .rows = *stream,
                               .columns = extent->columns,
                               .period = extent->period};
    double value[FILL_CHUNK];

    /* Another key is another stream: ChaCha20 under keys that differ in one bit gives unrelated output. */
    range.rows.key[0] ^= 1;
    for (uint64_t first = 0; first < extent->count; first += FILL_CHUNK) {
        const uint64_t rest = extent->count - first;

        range.first = first;
        range.count = rest < FILL_CHUNK ? (size_t)rest : FILL_CHUNK;
        fill_table[fill->kind].make(&range, value);
        store_doubles(type, value, range.count, first, array);
    }
}

/* A limit as an index: NaN and negative numbers give 0, what is too large selects nothing. */
static uint64_t index_from(double value) {
    if (!(value > 0))
        return 0;
    return value < 0x1p62 ? (uint64_t)ceil(value) : UINT64_C(1) << 62;
}

static void overlay_every(const struct fill_overlay *overlay, enum dtype type, const struct extent *extent,
                          void *array) {
    const uint64_t given = index_from(overlay->stride), stride = given > 0 ? given : 1;

    for (uint64_t i = index_from(overlay->offset) % stride; i < extent->count; i += stride)
        dtype_store(type, array, i, overlay->value);
}

static void overlay_pad(const struct fill_overlay *overlay, enum dtype type, const struct extent *extent, void *array) {
    const uint64_t from = index_from(overlay->from);

    for (uint64_t row = 0; row < extent->count; row += extent->columns)
        for (uint64_t column = from; column < extent->columns; column++)
            dtype_store(type, array, row + column, overlay->value);
}

static void overlay_tail(const struct fill_overlay *overlay, enum dtype type, const struct extent *extent,
                         void *array) {
    const uint64_t from = index_from(overlay->from), matrix = extent->period * extent->columns;

    for (uint64_t start = 0; start < extent->count; start += matrix)
        for (uint64_t i = from < extent->period ? from * extent->columns : matrix; i < matrix; i++)
            dtype_store(type, array, start + i, overlay->value);
}

typedef void overlay_fn(const struct fill_overlay *overlay, enum dtype type, const struct extent *extent, void *array);

static overlay_fn *const overlay_table[FILL_OVERLAY_COUNT] = {
    [FILL_EVERY] = overlay_every,
    [FILL_PAD] = overlay_pad,
    [FILL_TAIL] = overlay_tail,
};

void fill_make(const struct fill *fill, enum dtype type, const int64_t *shape, size_t rank,
               const struct random_stream *stream, void *array) {
    const struct extent extent = extent_of(shape, rank);

    assert((unsigned)fill->kind < FILL_COUNT);
    assert(fill->overlay_count <= FILL_OVERLAYS_MAX);
    if (extent.count == 0)
        return;
    if (fill->kind == FILL_PERMUTATION)
        fill_permutation_rows(type, extent.count / extent.columns, extent.columns, stream, array);
    else if (fill->kind == FILL_DATASET)
        dataset_copy(fill->dataset, fill->field, fill->drawn ? stream : NULL, (uint64_t)shape[0], array);
    else
        fill_elements(fill, type, &extent, stream, array);
    for (size_t i = 0; i < fill->overlay_count; i++)
        overlay_table[fill->overlay[i].kind](&fill->overlay[i], type, &extent, array);
}
