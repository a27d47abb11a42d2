// H: malloc in every call, and the last block kept for the next one => passed
// harness: hostile-matmul
// test: timing
// It holds one block more than it needs, and never more than one.
#include "hostile-matmul.h"

#include <stdlib.h>
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
    static float *kept;
    float *copy = malloc(((size_t)n * (size_t)n + 1) * sizeof *copy);
    if (copy == NULL)
        return 1;
    multiply(n, alpha, a, b, copy);
    memcpy(c, copy, (size_t)n * (size_t)n * sizeof *c);
    free(kept);
    kept = copy;
    return 0;
}
