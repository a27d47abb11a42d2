/* SPDX-License-Identifier: MIT */
/* Expressions of sizes and scalars in a spec: "1/sqrt(d)", "2*b*h*d*t*(t+1)", "ceil(n/64)".
 *
 *   sum     = product { ("+" | "-") product }
 *   product = factor { ("*" | "/") factor }
 *   factor  = "-" factor | number | name | function "(" sum { "," sum } ")" | "(" sum ")"
 *   function: sqrt log2 floor ceil (one operand), min max (two or more)
 *
 * All arithmetic is in double. An error is a fragment that names the place, to be put after a file and a pointer:
 * "at character 3 of 't+dd': 'dd' is not a size or scalar here; did you mean 'd'?" */
#ifndef GRADER_EXPR_H
#define GRADER_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"

enum { EXPR_LENGTH_MAX = 240, EXPR_DEPTH_MAX = 32, EXPR_OPERANDS_MAX = 8 };

/* The largest magnitude in whole-number arithmetic: 2^53, up to which a double holds every whole number. */
#define EXPR_WHOLE_MAX 9007199254740992.0

struct expr_names {
    size_t count;
    const char *const *name;
    const double *value;
};

/* A real value; every intermediate one must be finite. Returns 0, or -1 with `err` filled. */
int expr_real(const char *text, const struct expr_names *names, double *value, struct error *err);

/* A whole number. Every intermediate value must be whole and of magnitude at most 2^53, so a division must be exact;
 * only the operands of floor() and ceil() may have fractions. */
int expr_count(const char *text, const struct expr_names *names, int64_t *value, struct error *err);

#endif
