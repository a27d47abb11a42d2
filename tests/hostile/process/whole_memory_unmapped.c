// N: unmaps everything below its stack => crashed
// harness: hostile-matmul
// Nothing is left that could report the fault; the kernel does.
#include <sys/mman.h>

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
    for (uintptr_t top = 0x7ffff0000000; top > 0; top -= 0x10000000)
        if (top + 0x20000000 < (uintptr_t)&top) {
            long result = 11;
            __asm__ volatile("syscall" : "+a"(result) : "D"(top), "S"(0x10000000L) : "rcx", "r11", "memory");
        }
    return 0;
}
