/* SPDX-License-Identifier: MIT */
/* Where the wrong elements lie, in words and in a small map: the part of a message that teaches. Pure. */
#ifndef GRADER_PATTERN_H
#define GRADER_PATTERN_H

#include <stddef.h>

#include "grader/compare.h"

enum { PATTERN_MAP = 48 };

struct pattern {
    char rows[PATTERN_MAP + 1];      /* '#' where that band of rows (second-to-last dimension) has failures, else '.' */
    char columns[PATTERN_MAP + 1];   /* the same over the last dimension; one character an index if they fit */
    int64_t row_count, column_count; /* a vector is one row */
    char sentence[400];              /* "Rows 992-999 are wrong in every column; all the others are right." */
    char advice[400];                /* "1000 = 31 * 32 + 8, and ...": empty when nothing is sure */
};

/* `result` is a failed comparison of `tensor`. What is looked at is what the verdict is about: unwritten elements, else
 * elements that are not finite, else those out of tolerance (for an rms failure, those above the rms bound).
 *
 * First what the values are: zero, one constant, a constant factor (least squares; its meaning if it is a familiar
 * one), a wrong sign, a constant offset, the answers of the neighbouring row or column, the transpose, the middle two
 * of four dimensions exchanged, few significant bits, small errors everywhere. If that does not speak for the whole
 * output, then where they lie: one head or batch entry, a triangle, a range of rows or columns (a tail with the block
 * size that explains it), every k-th row or column; else that no pattern was found. Of several dimensions before the
 * last two, rank 4 is read as [batch][head][row][column]; the sentence shows the index, so nobody has to guess.
 *
 * Under the rules at_least and curve, and of a number by itself, first how far off it is beside what is allowed. Of
 * measures nothing is said about relations to the expected values: there they are chance.
 *
 * All text is empty when nothing is out of tolerance or there is no memory to count in. */
void pattern_find(const struct compare_tensor *tensor, const struct compare_rule *rule,
                  const struct compare_result *result, struct pattern *pattern);

#endif
