// C5: never writes the very last element => unwritten_output
// harness: hostile-matmul
// One element in n*n. It keeps its poison, which no computation gives.
#include "hostile-matmul.h"

#include <stdlib.h>

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
    float *copy = malloc(((size_t)n * (size_t)n + 1) * sizeof *copy);
    multiply(n, alpha, a, b, copy);
    for (int32_t i = 0; i + 1 < n * n; i++)
        c[i] = copy[i];
    free(copy);
    return 0;
}
