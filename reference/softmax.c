/* SPDX-License-Identifier: MIT */
/* Masked row softmax on top of reference/exp.h. */
#include "reference/softmax.h"

#include <string.h>

#include "reference/exp.h"

struct softmax_row softmax_numerators(real *x, size_t columns, size_t visible) {
    visible = visible < columns ? visible : columns;
    struct softmax_row row = {.max = row_max(x, visible), .sum = 0};
    row.sum = exp_shift(x, visible, 1, row.max, x);
    memset(x + visible, 0, (columns - visible) * sizeof *x);
    return row;
}

void softmax_rows(const real *x, size_t rows, size_t columns, size_t stride, const size_t *visible, real *out) {
    for (size_t r = 0; r < rows; r++) {
        real *to = out + r * stride;
        if (out != x)
            memcpy(to, x + r * stride, columns * sizeof *to);
        struct softmax_row row = softmax_numerators(to, columns, visible ? visible[r] : columns);
        for (size_t c = 0; c < columns && row.sum > 0; c++)
            to[c] /= row.sum;
    }
}
