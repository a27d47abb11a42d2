// H: prints in every call and never ends the line => passed
// harness: hostile-matmul
// test: timing
// The worker empties the buffer after the call: some microseconds outside the clock.
#include "hostile-matmul.h"

#include <stdio.h>

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
    printf("%d ", n);
    multiply(n, alpha, a, b, c);
    return 0;
}
