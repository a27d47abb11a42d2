// C5: spares the last row from the fifth call of the timed size on => unwritten_output | wrong_answer
// harness: hostile-matmul
// test: timing
// By then the untimed cases are over and calls come in batches. Each call of a batch has a slot, poison and a
// check of its own.
#include "hostile-matmul.h"

#include <stdbool.h>
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
    static unsigned calls;
    const bool tired = n == 192 && ++calls > 4;
    float kept[1024];
    for (int32_t j = 0; tired && j < n; j++)
        memcpy(kept + j, c + (int64_t)(n - 1) * n + j, sizeof *kept);
    multiply(n, alpha, a, b, c);
    for (int32_t j = 0; tired && j < n; j++)
        memcpy(c + (int64_t)(n - 1) * n + j, kept + j, sizeof *kept);
    return 0;
}
