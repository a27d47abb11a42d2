// N: the right numbers with two columns exchanged => wrong_answer
// harness: hostile-matmul
// A checksum, a sorted comparison or a norm finds nothing.
#include "hostile-matmul.h"

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
    for (int32_t i = 0; i < n && n > 1; i++) {
        float *row = c + (int64_t)i * n, kept = row[0];
        row[0] = row[n - 1];
        row[n - 1] = kept;
    }
    return 0;
}
