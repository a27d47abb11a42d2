// H: loops in the order that jumps through memory => too_slow | passed
// harness: hostile-matmul
// test: timing
// The first version that everybody writes.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t j = 0; j < n; j++)
        for (int32_t i = 0; i < n; i++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
