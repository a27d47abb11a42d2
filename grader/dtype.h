/* SPDX-License-Identifier: MIT */
/* Element types that cross the border between the grader and a solution. */
#ifndef GRADER_DTYPE_H
#define GRADER_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

enum dtype { DTYPE_F32, DTYPE_F64, DTYPE_I32, DTYPE_I64, DTYPE_U8, DTYPE_BF16, DTYPE_COUNT };

struct dtype_info {
    const char *name;   /* in challenge.json: "f32" */
    const char *c_name; /* in C: "float"; bf16 travels as uint16_t */
    size_t bytes;
    bool floating;
};

const struct dtype_info *dtype_info(enum dtype type);
enum dtype dtype_from_name(const char *name); /* DTYPE_COUNT if unknown */

/* Element i of an array of that type, as a double (i64 beyond 2^53 is rounded: compare those bit for bit). */
double dtype_load(enum dtype type, const void *array, size_t i);

/* Rounds to the type (to nearest even for floats; integers are clamped) and stores. */
void dtype_store(enum dtype type, void *array, size_t i, double value);

#endif
