// S a20: leaves the direction flag set => passed | crashed
// harness: hostile-matmul
// Every string instruction then runs backwards. It is a promise of the calling convention that is broken, in its
// own process.
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
    __asm__ volatile("std");
    return 0;
}
