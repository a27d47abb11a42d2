// H: qsort of a large array => passed
// harness: hostile-matmul
// qsort asks how much memory the machine has, and is not told.
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

static int by_value(const void *left, const void *right) {
    const float x = *(const float *)left, y = *(const float *)right;
    return (x > y) - (x < y);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    float *copy = malloc(((size_t)n * (size_t)n + 1) * sizeof *copy);
    if (copy == NULL)
        return 1;
    for (int32_t i = 0; i < n * n; i++)
        copy[i] = a[i];
    qsort(copy, (size_t)n * (size_t)n, sizeof *copy, by_value);
    free(copy);
    multiply(n, alpha, a, b, c);
    return 0;
}
