// S a27: calls itself without end => crashed
// harness: hostile-matmul
// The fault happens where the stack would go on; the handler has a stack of its own.
#include "hostile-matmul.h"

__attribute__((noinline)) static int deeper(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return deeper(here) + here[0];
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile char start[1] = {0};
    c[0] = (float)deeper(start);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
