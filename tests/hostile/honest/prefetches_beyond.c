// H: prefetches far beyond the end of its inputs => passed
// harness: hostile-matmul
// test: timing
// A prefetch does not fault, on guard pages neither.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            __builtin_prefetch(b + (int64_t)(k + 64) * n);
            __builtin_prefetch(c + (int64_t)(i + 64) * n, 1);
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
    return 0;
}
