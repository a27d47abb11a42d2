/* SPDX-License-Identifier: MIT */
/* Element types: names, sizes, and the two conversions to and from double. */
#include "grader/dtype.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const struct dtype_info dtype_table[DTYPE_COUNT] = {
    [DTYPE_F32] = {.name = "f32", .c_name = "float", .bytes = sizeof(float), .floating = true},
    [DTYPE_F64] = {.name = "f64", .c_name = "double", .bytes = sizeof(double), .floating = true},
    [DTYPE_I32] = {.name = "i32", .c_name = "int32_t", .bytes = sizeof(int32_t)},
    [DTYPE_I64] = {.name = "i64", .c_name = "int64_t", .bytes = sizeof(int64_t)},
    [DTYPE_U8] = {.name = "u8", .c_name = "uint8_t", .bytes = sizeof(uint8_t)},
    [DTYPE_BF16] = {.name = "bf16", .c_name = "uint16_t", .bytes = sizeof(uint16_t), .floating = true},
};

const struct dtype_info *dtype_info(enum dtype type) {
    assert((unsigned)type < DTYPE_COUNT);
    return &dtype_table[type];
}

enum dtype dtype_from_name(const char *name) {
    for (int i = 0; i < DTYPE_COUNT; i++)
        if (strcmp(dtype_table[i].name, name) == 0)
            return (enum dtype)i;
    return DTYPE_COUNT;
}

/* bfloat16 is the upper half of a float32. */
static double bf16_load(uint16_t half) {
    const uint32_t bits = (uint32_t)half << 16;
    float value;

    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Rounding first to float32 and then to bfloat16 could round twice in the same direction. So the first step only cuts
 * and keeps in its last bit whether anything was lost; the second step then sees every tie as what it is. */
static uint16_t bf16_round(double value) {
    const float near = (float)value;
    float cut;
    uint32_t bits;

    if (isnan(value))
        return 0x7fc0;
    memcpy(&bits, &near, sizeof bits);
    if (fabs((double)near) > fabs(value))
        bits--;
    memcpy(&cut, &bits, sizeof cut);
    if ((double)cut != value)
        bits |= 1;
    bits += 0x7fff + ((bits >> 16) & 1);
    return (uint16_t)(bits >> 16);
}

static double whole_clamped(double value, double low, double high) {
    if (isnan(value))
        return 0;
    return fmin(fmax(nearbyint(value), low), high);
}

/* 2^63 is a double but no int64_t. */
static int64_t i64_round(double value) {
    if (value >= 0x1p63)
        return INT64_MAX;
    return (int64_t)whole_clamped(value, -0x1p63, 0x1p63);
}

double dtype_load(enum dtype type, const void *array, size_t i) {
    switch (type) {
    case DTYPE_F32:
        return (double)((const float *)array)[i];
    case DTYPE_F64:
        return ((const double *)array)[i];
    case DTYPE_I32:
        return (double)((const int32_t *)array)[i];
    case DTYPE_I64:
        return (double)((const int64_t *)array)[i];
    case DTYPE_U8:
        return (double)((const uint8_t *)array)[i];
    case DTYPE_BF16:
        return bf16_load(((const uint16_t *)array)[i]);
    case DTYPE_COUNT:
        break;
    }
    assert(!"unknown element type");
    return 0;
}

void dtype_store(enum dtype type, void *array, size_t i, double value) {
    switch (type) {
    case DTYPE_F32:
        ((float *)array)[i] = (float)value;
        return;
    case DTYPE_F64:
        ((double *)array)[i] = value;
        return;
    case DTYPE_I32:
        ((int32_t *)array)[i] = (int32_t)whole_clamped(value, INT32_MIN, INT32_MAX);
        return;
    case DTYPE_I64:
        ((int64_t *)array)[i] = i64_round(value);
        return;
    case DTYPE_U8:
        ((uint8_t *)array)[i] = (uint8_t)whole_clamped(value, 0, UINT8_MAX);
        return;
    case DTYPE_BF16:
        ((uint16_t *)array)[i] = bf16_round(value);
        return;
    case DTYPE_COUNT:
        break;
    }
    assert(!"unknown element type");
}
