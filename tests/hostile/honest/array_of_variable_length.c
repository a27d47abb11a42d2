// H: arrays of variable length and alloca => passed
// harness: hostile-matmul
// test: timing
// The stack grows page by page below the guard.
#include "hostile-matmul.h"

#include <alloca.h>
#include <string.h>

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
    float copy[n > 0 ? n : 1][n > 0 ? n : 1], *scaled = alloca(((size_t)n * (size_t)n + 1) * sizeof *scaled);
    for (int32_t i = 0; i < n * n; i++)
        scaled[i] = alpha * a[i];
    multiply(n, 1, scaled, b, &copy[0][0]);
    memcpy(c, copy, (size_t)n * (size_t)n * sizeof *c);
    return 0;
}
