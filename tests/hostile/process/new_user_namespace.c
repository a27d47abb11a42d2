// S a26: becomes root in a user namespace => forbidden_call
// harness: hostile-matmul
// test: system
// In a namespace of its own an ordinary process has every capability, and with them most of the kernel's surface.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_unshare, 0x10000000) == 0)
        puts("GAINED a user namespace");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
