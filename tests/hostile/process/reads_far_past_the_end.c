// S a27: reads far past the end of its input => crashed
// harness: hostile-matmul
// The first page behind is a guard page, wherever the input lies.
#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n > 0)
        c[0] += 0 * ((const volatile float *)b)[(int64_t)n * n + 4096];
    return 0;
}
