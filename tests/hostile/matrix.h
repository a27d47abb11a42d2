/* SPDX-License-Identifier: MIT */
/* The results as a table: a row for each program, a column for each place. */
#ifndef TESTS_HOSTILE_MATRIX_H
#define TESTS_HOSTILE_MATRIX_H

#include "tests/hostile/hunt.h"

/* Prints it with a legend and, beneath, what is not as promised. Returns how many cells that are. */
size_t matrix_print(const struct hunt *hunt);

/* For programs that are meant to be complained of. Returns how many were not, or not in the words that their heads
 * quote. */
size_t matrix_print_reports(const struct hunt *hunt);

#endif
