/* SPDX-License-Identifier: MIT */
/* One function for each distribution of fill.h. All arithmetic is +, -, *, / on doubles, compiled without contraction;
 * floor, copysign and nextafterf are exact, so the bytes do not depend on the C library either. */
#include "grader/fill_kinds.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The largest value of the type that is smaller than `high`: rounding must not lift a number onto an open bound. */
static double largest_below(enum dtype type, double high) {
    unsigned char one[8];

    if (!dtype_info(type)->floating)
        return ceil(high) - 1.0;
    if (type == DTYPE_F64)
        return nextafter(high, -INFINITY);
    dtype_store(type, one, 0, high);
    const double rounded = dtype_load(type, one, 0);
    if (rounded < high)
        return rounded;
    if (type == DTYPE_F32)
        return (double)nextafterf((float)rounded, -INFINITY);
    dtype_store(type, one, 0, rounded - fabs(rounded) * 0x1p-8 - 0x1p-133);
    return dtype_load(type, one, 0);
}

/* 10^x = 2^n * e^r with |r| <= ln(2)/2; the Taylor series of e^r ends where its terms drop below 10^-15. Adding 1.5 *
 * 2^52 rounds to a whole number and leaves it in the low bits of the sum, from where it moves into the exponent. */
static inline double power_of_ten(double x) {
    const double inside = x < -300.0 ? -300.0 : x > 300.0 ? 300.0 : x;
    const double y = inside * 0x1.a934f0979a371p+1; /* log2(10) */
    const double shifted = y + 0x1.8p52, n = shifted - 0x1.8p52;
    const double r = (y - n) * 0x1.62e42fefa39efp-1; /* ln(2) */
    const double r2 = r * r, r4 = r2 * r2;
    const double low = 1.0 + r + r2 * (1.0 / 2.0 + r * (1.0 / 6.0)) + r4 * (1.0 / 24.0 + r * (1.0 / 120.0));
    const double middle = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * (1.0 / 40320.0 + r * (1.0 / 362880.0)));
    const double high = 1.0 / 3628800.0 + r * (1.0 / 39916800.0 + r * (1.0 / 479001600.0));
    const double sum = low + r4 * r2 * (middle + r4 * high);
    uint64_t bits;
    double scale;

    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

static uint64_t first_row(const struct fill_range *range) {
    return range->first / range->columns;
}

static size_t row_count(const struct fill_range *range) {
    const uint64_t last = (range->first + range->count - 1) / range->columns;

    return (size_t)(last - first_row(range) + 1);
}

/* each[i] = value of the row of element i, where value[0] belongs to the first row of the range. */
static void spread_rows(const struct fill_range *range, const double *value, double *each) {
    uint64_t column = range->first % range->columns;

    for (size_t i = 0, row = 0; i < range->count; row++, column = 0) {
        const uint64_t rest = range->columns - column;
        const size_t end = rest < range->count - i ? i + (size_t)rest : range->count;

        while (i < end)
            each[i++] = value[row];
    }
}

static void row_uniforms(const struct fill_range *range, double *value) {
    random_uniforms(&range->rows, first_row(range), row_count(range), value);
}

static void normals(const struct fill_range *range, double mean, double sd, double *out) {
    random_normals(&range->elements, range->first, range->count, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] = mean + sd * out[i];
}

/* Writes `value` at one random place of each row. */
static void set_one_place(const struct fill_range *range, double value, double *out) {
    double place[FILL_CHUNK], each[FILL_CHUNK];
    const double columns = (double)range->columns;

    row_uniforms(range, place);
    for (size_t row = 0; row < row_count(range); row++)
        place[row] = floor(place[row] * columns);
    spread_rows(range, place, each);
    for (size_t i = 0; i < range->count; i++)
        if ((double)((range->first + i) % range->columns) == each[i])
            out[i] = value;
}

void fill_zero(const struct fill_range *range, double *out) {
    memset(out, 0, range->count * sizeof *out);
}

void fill_constant(const struct fill_range *range, double *out) {
    for (size_t i = 0; i < range->count; i++)
        out[i] = range->fill->parameter[0];
}

void fill_normal(const struct fill_range *range, double *out) {
    normals(range, range->fill->parameter[0], range->fill->parameter[1], out);
}

void fill_uniform(const struct fill_range *range, double *out) {
    const double low = range->fill->parameter[0], high = range->fill->parameter[1];
    const double below = largest_below(range->type, high), top = below > low ? below : low;

    random_uniforms(&range->elements, range->first, range->count, out);
    for (size_t i = 0; i < range->count; i++) {
        const double x = low + (high - low) * out[i];
        out[i] = x < top ? x : top;
    }
}

void fill_log_uniform(const struct fill_range *range, double *out) {
    const double low = range->fill->parameter[0], high = range->fill->parameter[1];

    random_uniforms(&range->elements, range->first, range->count, out);
    for (size_t i = 0; i < range->count; i++) {
        const double signed_share = 2.0 * out[i] - 1.0;
        out[i] = copysign(power_of_ten(low + (high - low) * fabs(signed_share)), signed_share);
    }
}

void fill_row_scaled(const struct fill_range *range, double *out) {
    const double *p = range->fill->parameter;
    const double low = p[2], high = p[3];
    double scale[FILL_CHUNK], each[FILL_CHUNK];

    row_uniforms(range, scale);
    for (size_t row = 0; row < row_count(range); row++)
        scale[row] = power_of_ten(low + (high - low) * scale[row]);
    spread_rows(range, scale, each);
    normals(range, p[0], p[1], out);
    for (size_t i = 0; i < range->count; i++)
        out[i] *= each[i];
}

void fill_constant_rows(const struct fill_range *range, double *out) {
    const double mean = range->fill->parameter[0], sd = range->fill->parameter[1];
    double value[FILL_CHUNK];

    random_normals(&range->rows, first_row(range), row_count(range), value);
    spread_rows(range, value, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] = mean + sd * out[i];
}

void fill_near_constant(const struct fill_range *range, double *out) {
    const double value = range->fill->parameter[0], spread = range->fill->parameter[1];

    normals(range, 1.0, spread, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] *= value;
}

void fill_outlier(const struct fill_range *range, double *out) {
    const double *p = range->fill->parameter;

    normals(range, p[0], p[1], out);
    set_one_place(range, p[2], out);
}

void fill_ascending(const struct fill_range *range, double *out) {
    const double *p = range->fill->parameter;
    const double start = p[0], step = p[1], sd = p[2];

    normals(range, 0.0, sd, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] += start + step * (double)((range->first + i) % range->columns);
}

/* Without a period the count starts anew with each matrix: [b][h][t][d] counts 0 .. t-1 in every head. */
void fill_row_ascending(const struct fill_range *range, double *out) {
    const double *p = range->fill->parameter;
    const double start = p[0], step = p[1], sd = p[3];
    const uint64_t period = p[2] >= 1.0 ? (uint64_t)p[2] : range->period;

    normals(range, 0.0, sd, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] += start + step * (double)((range->first + i) / range->columns % period);
}

void fill_ties(const struct fill_range *range, double *out) {
    const double low = range->fill->parameter[0], high = range->fill->parameter[1];
    const double levels = fmax(floor(range->fill->parameter[2]), 1.0);
    const double step = levels > 1.0 ? (high - low) / (levels - 1.0) : 0.0;

    random_uniforms(&range->elements, range->first, range->count, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] = low + step * floor(out[i] * levels);
}

void fill_one_hot(const struct fill_range *range, double *out) {
    fill_zero(range, out);
    set_one_place(range, range->fill->parameter[0], out);
}

void fill_integers(const struct fill_range *range, double *out) {
    const double low = ceil(range->fill->parameter[0]), high = floor(range->fill->parameter[1]);
    const double values = fmax(high - low + 1.0, 1.0);

    random_uniforms(&range->elements, range->first, range->count, out);
    for (size_t i = 0; i < range->count; i++)
        out[i] = low + floor(out[i] * values);
}

/* A subnormal float32 is k * 2^-149 with 1 <= k < 2^23. */
void fill_denormal(const struct fill_range *range, double *out) {
    random_uniforms(&range->elements, range->first, range->count, out);
    for (size_t i = 0; i < range->count; i++) {
        const double signed_share = 2.0 * out[i] - 1.0;
        const double k = 1.0 + floor(fabs(signed_share) * (0x1p23 - 1.0));
        out[i] = copysign(k * 0x1p-149, signed_share);
    }
}

/* Half of the special values are zeros; every value comes with both signs. */
void fill_special(const struct fill_range *range, double *out) {
    static const double special[8] = {0.0, -0.0, 0.0, -0.0, FLT_TRUE_MIN, -FLT_TRUE_MIN, FLT_MAX, -FLT_MAX};
    const double *p = range->fill->parameter;
    const double share = p[2];
    struct random_stream choices = range->rows;
    double u[FILL_CHUNK];

    normals(range, p[0], p[1], out);
    random_uniforms(&choices, range->first, range->count, u);
    for (size_t i = 0; i < range->count; i++)
        if (u[i] < share)
            out[i] = special[(size_t)(u[i] / share * 8.0) % 8];
}

void fill_list(const struct fill_range *range, double *out) {
    const struct fill *fill = range->fill;

    for (size_t i = 0; i < range->count; i++)
        out[i] = fill->list_count ? fill->list[(range->first + i) % fill->list_count] : 0.0;
}

static void swap_elements(unsigned char *array, size_t bytes, uint64_t a, uint64_t b) {
    unsigned char kept[8];

    memcpy(kept, array + a * bytes, bytes);
    memmove(array + a * bytes, array + b * bytes, bytes);
    memcpy(array + b * bytes, kept, bytes);
}

/* The shuffle of Fisher and Yates, from the end; row r takes numbers r*columns .. of the stream. */
static void shuffle_row(enum dtype type, uint64_t row, uint64_t columns, const struct random_stream *stream,
                        unsigned char *array) {
    const size_t bytes = dtype_info(type)->bytes;
    double u[RANDOM_BLOCK];

    for (uint64_t i = 0; i < columns; i++)
        dtype_store(type, array, i, (double)i);
    for (uint64_t done = 0; done < columns; done += RANDOM_BLOCK) {
        const uint64_t rest = columns - done;
        const size_t count = rest < RANDOM_BLOCK ? (size_t)rest : RANDOM_BLOCK;

        random_uniforms(stream, row * columns + done, count, u);
        for (size_t k = 0; k < count; k++) {
            const uint64_t last = rest - 1 - k;
            swap_elements(array, bytes, last, (uint64_t)(u[k] * (double)(last + 1)));
        }
    }
}

void fill_permutation_rows(enum dtype type, uint64_t rows, uint64_t columns, const struct random_stream *stream,
                           void *array) {
    const size_t row_bytes = columns * dtype_info(type)->bytes;

    for (uint64_t row = 0; row < rows; row++)
        shuffle_row(type, row, columns, stream, (unsigned char *)array + row * row_bytes);
}
