// S a27: executes bytes on its stack => crashed
// harness: hostile-matmul
// The stack holds a return instruction; it is not executable.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile unsigned char code[16] = {0xc3};
    ((void (*)(void))(uintptr_t)code)();
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
