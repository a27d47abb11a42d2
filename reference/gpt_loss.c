/* SPDX-License-Identifier: MIT */
/* Mean negative log likelihood, in place. */
#include "reference/gpt_loss.h"

#include <assert.h>
#include <string.h>

#include "reference/exp.h"

/* log(x) for a normal x >= 1, to about 1 ulp: x = m*2^e with m within [sqrt(1/2), sqrt(2)), and log m = 2 atanh s for
 * s = (m-1)/(m+1), whose series to s^23 leaves out less than 2^-57. */
static double log_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        exponent++;
    }
    double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
    for (int k = 23; k >= 3; k -= 2)
        sum = (sum + 1.0 / k) * s2;
    return (double)exponent * 0x1.62e42fefa39efp-1 + (2 * s + 2 * s * sum);
}

real nll_mean(size_t rows, size_t v, const int32_t *target, real *x) {
    double total = 0;
    for (size_t r = 0; r < rows; r++) {
        real *row = x + r * v;
        assert(target[r] >= 0 && (size_t)target[r] < v);
        real top = row_max(row, v), at = row[target[r]] - top;
        real sum = exp_shift(row, v, 1, top, row);
        /* An infinite or NaN logit makes the sum NaN; log_of() takes no such argument apart. */
        total += sum >= 1 ? log_of((double)sum) - (double)at : (double)NAN;
        real factor = 1 / (sum * (real)rows);
        for (size_t j = 0; j < v; j++)
            row[j] *= factor;
        row[target[r]] -= 1 / (real)rows;
    }
    return rows > 0 ? (real)(total / (double)rows) : 0;
}

real nll_mean_plain(size_t rows, size_t v, const int32_t *target, real *x) {
    real total = 0;
    for (size_t r = 0; r < rows; r++) {
        real *row = x + r * v, top = x[r * v], sum = 0;
        assert(target[r] >= 0 && (size_t)target[r] < v);
        for (size_t j = 1; j < v; j++)
            top = row[j] > top ? row[j] : top;
        for (size_t j = 0; j < v; j++)
            sum += real_exp(row[j] - top);
        total += real_log(sum) - (row[target[r]] - top);
        for (size_t j = 0; j < v; j++)
            row[j] = (real_exp(row[j] - top) / sum - (j == (size_t)target[r] ? 1 : 0)) / (real)rows;
    }
    return rows > 0 ? total / (real)rows : 0;
}
