// H: a static arena of 32 MB that is never given back => passed
// harness: hostile-matmul
// test: timing
// Static memory counts as data and is within the limit.
#include "hostile-matmul.h"

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
    static float arena[8 << 20];
    static size_t used;
    float *copy = arena + used;
    used = (used + (size_t)n * (size_t)n) % (4 << 20);
    memcpy(copy, b, (size_t)n * (size_t)n * sizeof *copy);
    multiply(n, alpha, a, copy, c);
    return 0;
}
