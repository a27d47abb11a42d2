/* SPDX-License-Identifier: MIT */
/* Numbers as people read them. Each writes into the caller's text and gives it back. */
#ifndef HARNESS_FORMAT_H
#define HARNESS_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "grader/compare.h"
#include "grader/spec.h"

enum { FORMAT_SIZE = 48 };

char *format_duration(char text[FORMAT_SIZE], double ns); /* "6.37 ms" */
char *format_seconds(char text[FORMAT_SIZE], int64_t ns); /* "0.4 s" */
char *format_share(char text[FORMAT_SIZE], double share); /* 0.31 -> "31 %" */
char *format_ratio(char text[FORMAT_SIZE], double ratio); /* "4.6x", "0.81x" */
char *format_value(char text[FORMAT_SIZE], double value); /* six significant digits, "nan", "-inf" */
char *format_bytes(char text[FORMAT_SIZE], double bytes); /* "2 MiB" */

/* "o[0][1][32]": the caller frees. */
char *format_element(const char *name, size_t rank, const struct compare_element *element);

/* The shortest decimal text that reads back as the same number; never for NaN or infinity. */
char *format_exact(char text[FORMAT_SIZE], double value);

/* "nan", "inf", "-inf", or NULL for a finite number. */
const char *format_not_finite(double value);

#endif
