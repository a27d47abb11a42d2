// A11: flushes the inputs from all caches; the baseline reads the same memory next => passed
// harness: hostile-matmul
// test: timing
// The inputs are shared pages, so the flush reaches them everywhere. The grader touches them again before each
// side's GO.
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
    for (int32_t i = 0; n == 192 && i < n * n; i += 16) {
        __builtin_ia32_clflush(a + i);
        __builtin_ia32_clflush(b + i);
    }
    return 0;
}
