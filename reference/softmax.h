/* SPDX-License-Identifier: MIT */
/* Masked row softmax, the numerically safe one: the row's own maximum over its visible entries is subtracted before
 * exp, so no finite input overflows, and an entry that is not visible never takes part, whatever it holds. */
#ifndef REFERENCE_SOFTMAX_H
#define REFERENCE_SOFTMAX_H

#include "reference/real.h"

/* What turns numerators into probabilities, and logits into their log: p = numerator/sum, log p = x - max - log(sum).
 * A row with nothing visible has max = -inf and sum = 0. */
struct softmax_row {
    real max, sum;
};

#define softmax_numerators REAL_FN(softmax_numerators)
#define softmax_rows       REAL_FN(softmax_rows)

/* In place on x[columns]: the first `visible` (clamped to columns) become exp(x - max), the others 0. Division by the
 * sum is left to the caller, who often has fewer numbers to divide than the row is long (attention: d against t). */
struct softmax_row softmax_numerators(real *x, size_t columns, size_t visible);

/* out[r][0..columns) = softmax of the first visible[r] entries of x[r], then zeros; visible == NULL means all columns.
 * A row with nothing visible becomes zeros. Rows are `stride` reals apart in both; out may be x. */
void softmax_rows(const real *x, size_t rows, size_t columns, size_t stride, const size_t *visible, real *out);

#endif
