// C7: one infinite element among right ones => not_finite
// harness: hostile-matmul
// infinity - infinity is NaN, and infinity / infinity too: a relative norm over the tensor could become NaN and
// pass.
#include "hostile-matmul.h"

#include <math.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n > 0)
        c[n] = -INFINITY;
    return 0;
}
