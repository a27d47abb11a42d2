// S a22: starts a thread past the C library => forbidden_call
// harness: hostile-matmul
// test: system
// One thread is allowed here, so the filter has no rule for clone at all.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static char stack[65536];
    long child = syscall(SYS_clone, 0x3d0f00, stack + 65536, stack, stack, stack + 4096);
    if (child == 0)
        syscall(SYS_exit, 0);
    if (child >= 0)
        puts("GAINED a thread");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
