// A15: sets FTZ and DAZ, and leaves them set => passed
// harness: hostile-matmul
// test: timing
// The worker sets the control register before each call. Only its own process is concerned; the report mentions it.
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
    __builtin_ia32_ldmxcsr(0x9fc0);
    multiply(n, alpha, a, b, c);
    return 0;
}
