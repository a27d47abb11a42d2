// B4: overwrites the address that it returns to => crashed
// harness: hostile-matmul
// No canary on the stack is needed to notice: the address leads nowhere.
#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

__attribute__((noinline)) static void smash(volatile uintptr_t *from) {
    for (int i = 0; i < 64; i++)
        from[i] = 0x4141414141414141;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    volatile uintptr_t here[1];
    smash(here);
    return 0;
}
