/* SPDX-License-Identifier: MIT */
/* The makers behind fill_make: each writes one stretch of a flattened tensor as doubles. Private to grader/fill*.c. */
#ifndef GRADER_FILL_KINDS_H
#define GRADER_FILL_KINDS_H

#include "grader/fill.h"

enum { FILL_CHUNK = 2 * RANDOM_BLOCK }; /* elements made at a time: one block of normal numbers, which fits into L1 */

/* One stretch: elements first .. first+count-1, count <= FILL_CHUNK. */
struct fill_range {
    const struct fill *fill;
    enum dtype type;
    struct random_stream elements, rows; /* one number for each element; one for each row */
    uint64_t columns;                    /* last dimension, at least 1 */
    uint64_t period;                     /* second-to-last dimension, at least 1 */
    uint64_t first;
    size_t count;
};

typedef void fill_maker(const struct fill_range *range, double *out);

fill_maker fill_zero, fill_constant, fill_normal, fill_uniform, fill_log_uniform, fill_row_scaled, fill_constant_rows,
    fill_near_constant, fill_outlier, fill_ascending, fill_row_ascending, fill_ties, fill_one_hot, fill_integers,
    fill_denormal, fill_special, fill_list;

/* A permutation needs its whole row at once, so it works in the tensor itself. */
void fill_permutation_rows(enum dtype type, uint64_t rows, uint64_t columns, const struct random_stream *stream,
                           void *array);

#endif
