// H: four megabytes in one stack frame => passed
// harness: hostile-matmul
// The stack has eight.
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
    float copy[1 << 20];
    memset(copy, 0, sizeof copy);
    multiply(n, alpha, a, b, copy);
    memcpy(c, copy, (size_t)n * (size_t)n * sizeof *c);
    return 0;
}
