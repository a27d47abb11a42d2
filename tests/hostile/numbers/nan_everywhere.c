// C7: answers NaN, which no comparison with > finds too large => not_finite
// harness: hostile-matmul
// A check that asks `error > limit` lets NaN through. Acceptance is stated and negated, and NaN is looked for
// first.
#include "hostile-matmul.h"

#include <math.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++)
        c[i] = NAN;
    return 0;
}
