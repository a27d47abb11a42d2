// C4: rounds the factors to eleven bits, as tensor cores do => wrong_answer
// harness: hostile-matmul
// Faster on machines that have them. The error is hundreds of times what float32 leaves.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <string.h>

static float to_eleven_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x1000u) & ~0x1fffu;
    memcpy(&x, &bits, sizeof x);
    return x;
}

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
    float *half = malloc((2 * (size_t)n * (size_t)n + 1) * sizeof *half);
    for (int32_t i = 0; i < n * n; i++) {
        half[i] = to_eleven_bits(a[i]);
        half[n * n + i] = to_eleven_bits(b[i]);
    }
    multiply(n, alpha, half, half + n * n, c);
    free(half);
    return 0;
}
