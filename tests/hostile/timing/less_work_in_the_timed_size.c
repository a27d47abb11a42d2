// A6: honest in the small cases, and skips a sixteenth of the sum in the timed size => wrong_answer
// harness: hostile-matmul
// test: timing
// Timed outputs are checked like all others.
#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n != 192)
        return 0;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++)
            for (int32_t k = 180; k < n; k++)
                c[i * n + j] -= alpha * a[i * n + k] * b[k * n + j];
    return 0;
}
