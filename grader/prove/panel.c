/* SPDX-License-Identifier: MIT */
#include "grader/prove/panel.h"

#include <math.h>
#include <string.h>

static double get(const struct panel_view *view, const void *array, int64_t i) {
    return dtype_load(view->tensor->type, array, (size_t)i);
}

static void put(const struct panel_view *view, void *array, int64_t i, double value) {
    dtype_store(view->tensor->type, array, (size_t)i, value);
}

static bool is_floating(const struct panel_view *view) {
    return dtype_info(view->tensor->type)->floating;
}

static int64_t columns(const struct panel_view *view) {
    return view->tensor->shape[view->tensor->rank - 1];
}

static bool make_zeros(const struct panel_view *view, void *array) {
    memset(array, 0, view->tensor->bytes);
    return true;
}

static bool make_constant(const struct panel_view *view, void *array) {
    double sum = 0;
    for (int64_t i = 0; i < view->tensor->count; i++)
        sum += get(view, view->perfect, i);
    for (int64_t i = 0; i < view->tensor->count; i++)
        put(view, array, i, sum / (double)view->tensor->count);
    return true;
}

/* The first input of the same type that is long enough, as a kernel returns it that copies instead of computing. */
static bool make_input(const struct panel_view *view, void *array) {
    for (size_t a = 0; a < view->trial->tensor_count; a++) {
        const struct tensor *input = &view->trial->tensor[a];
        if (input->role != SPEC_INPUT || input->data == NULL || input->type != view->tensor->type ||
            input->count < view->tensor->count)
            continue;
        memcpy(array, input->data, view->tensor->bytes);
        return true;
    }
    return false;
}

static bool make_stale(const struct panel_view *view, void *array) {
    if (view->stale == NULL)
        return false;
    memcpy(array, view->stale, view->tensor->bytes);
    return true;
}

/* Keeps `bits` bits of the significand, the implicit one included, rounding to nearest even. */
static double round_to(double x, int bits) {
    int exponent;
    if (x == 0 || !isfinite(x))
        return x;
    const double fraction = frexp(x, &exponent);
    return ldexp(nearbyint(ldexp(fraction, bits)), exponent - bits);
}

static bool make_rounded(const struct panel_view *view, void *array, int bits) {
    if (!is_floating(view))
        return false;
    for (int64_t i = 0; i < view->tensor->count; i++)
        put(view, array, i, round_to(get(view, view->perfect, i), bits));
    return true;
}

/* An answer of one or two numbers may lie next to coarser ones by accident. Then rounding says nothing about the case:
 * the next content would judge otherwise. An eighth of the largest error is enough for many numbers to be sure. */
static bool stands_out(const struct panel_view *view, const void *array, int bits) {
    double most = 0;
    for (int64_t i = 0; i < view->tensor->count; i++) {
        const double x = get(view, view->perfect, i);
        if (x != 0 && isfinite(x))
            most = fmax(most, fabs(get(view, array, i) - x) / fabs(x));
    }
    return most >= ldexp(1, -bits - 3);
}

static bool make_bf16(const struct panel_view *view, void *array) {
    return make_rounded(view, array, 8) && stands_out(view, array, 8);
}

static bool make_tf32(const struct panel_view *view, void *array) {
    return make_rounded(view, array, 11) && stands_out(view, array, 11);
}

/* binary16 has the precision of tf32 and a range that ends at 65504 and 2^-24. */
static bool make_fp16(const struct panel_view *view, void *array) {
    if (!make_rounded(view, array, 11))
        return false;
    for (int64_t i = 0; i < view->tensor->count; i++) {
        const double x = get(view, array, i), exact = get(view, view->perfect, i);
        if (fabs(x) > 65504)
            put(view, array, i, copysign(INFINITY, x));
        else if (fabs(x) < 0x1p-14) /* from the exact one: rounding twice is not rounding */
            put(view, array, i, nearbyint(exact * 0x1p24) * 0x1p-24);
    }
    return stands_out(view, array, 11);
}

static bool make_scaled(const struct panel_view *view, void *array) {
    if (!is_floating(view))
        return false;
    for (int64_t i = 0; i < view->tensor->count; i++)
        put(view, array, i, get(view, view->perfect, i) * (1 + 0x1p-13));
    return true;
}

/* The element that stands out most from what rounding may do to it. */
static int64_t clearest(const struct panel_view *view) {
    int64_t best = 0;
    double most = -1;
    for (int64_t i = 0; i < view->tensor->count; i++) {
        const double y = fabs(get(view, view->perfect, i));
        const double share = view->gauge != NULL ? y / view->gauge[i] : y;
        if (isfinite(share) && share > most) {
            most = share;
            best = i;
        }
    }
    return best;
}

static bool make_one_off(const struct panel_view *view, void *array) {
    const int64_t i = clearest(view);
    const double y = get(view, view->perfect, i);
    put(view, array, i, is_floating(view) ? y * 1.25 : y + 1);
    return true;
}

static bool make_sign(const struct panel_view *view, void *array) {
    const int64_t i = clearest(view);
    put(view, array, i, -get(view, view->perfect, i));
    return true;
}

/* A quiet NaN stands for memory that nobody wrote; the grader's own poison is a NaN too. */
static bool make_half(const struct panel_view *view, void *array) {
    if (view->tensor->count < 2)
        return false;
    for (int64_t i = view->tensor->count / 2; i < view->tensor->count; i++)
        put(view, array, i, is_floating(view) ? NAN : 0);
    return true;
}

static bool zero_columns(const struct panel_view *view, void *array, int64_t from) {
    for (int64_t i = 0; i < view->tensor->count; i++)
        if (i % columns(view) >= from)
            put(view, array, i, 0);
    return true;
}

static bool make_last_row(const struct panel_view *view, void *array) {
    if (view->tensor->rank < 2)
        return false;
    for (int64_t i = view->tensor->count - columns(view); i < view->tensor->count; i++)
        put(view, array, i, 0);
    return true;
}

static bool make_last_column(const struct panel_view *view, void *array) {
    return zero_columns(view, array, columns(view) - 1);
}

/* What a loop over whole vectors of eight leaves undone. */
static bool make_tail(const struct panel_view *view, void *array) {
    const int64_t tail = columns(view) % 8;
    return tail != 0 && zero_columns(view, array, columns(view) - tail);
}

static bool make_transposed(const struct panel_view *view, void *array) {
    const size_t rank = view->tensor->rank;
    const int64_t n = columns(view);
    if (rank < 2 || view->tensor->shape[rank - 2] != n || n < 2)
        return false;
    for (int64_t i = 0; i < view->tensor->count; i++) {
        const int64_t matrix = i / (n * n), row = i / n % n, column = i % n;
        put(view, array, i, get(view, view->perfect, (matrix * n + column) * n + row));
    }
    return true;
}

const struct panel_member PANEL[] = {
    [PANEL_ZEROS] = {.name = "zeros", .what = "all zeros", .make = make_zeros, .whole = true},
    {.name = "constant", .what = "the mean of the answer everywhere", .make = make_constant, .whole = true},
    {.name = "input", .what = "a copy of an input", .make = make_input, .whole = true},
    {.name = "stale", .what = "the answer to other values", .make = make_stale, .whole = true},
    {.name = "half", .what = "the second half not written", .make = make_half},
    {.name = "bf16", .what = "the answer rounded to bfloat16", .make = make_bf16},
    {.name = "fp16", .what = "the answer rounded to half precision", .make = make_fp16},
    {.name = "tf32", .what = "the answer rounded to tf32", .make = make_tf32},
    {.name = "scaled", .what = "the answer times 1+2^-13", .make = make_scaled},
    {.name = "one_off", .what = "one element off by a quarter", .make = make_one_off},
    {.name = "sign", .what = "one element with the wrong sign", .make = make_sign},
    {.name = "last_row", .what = "zeros in the last row", .make = make_last_row},
    {.name = "last_column", .what = "zeros in the last column", .make = make_last_column},
    {.name = "tail", .what = "zeros in the last columns beyond a multiple of 8", .make = make_tail},
    {.name = "transposed", .what = "the answer transposed", .make = make_transposed},
};
const size_t PANEL_COUNT = sizeof PANEL / sizeof *PANEL;

static bool differs(const struct panel_view *view, const void *array) {
    for (int64_t i = 0; i < view->tensor->count; i++)
        if (!(get(view, array, i) == get(view, view->perfect, i)))
            return true;
    return false;
}

bool panel_make(size_t m, const struct panel_view *view, void *array) {
    if (view->tensor->count == 0)
        return false;
    memcpy(array, view->perfect, view->tensor->bytes);
    return PANEL[m].make(view, array) && differs(view, array);
}
