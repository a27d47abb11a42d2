// S a02: starts a process that shares its memory => forbidden_call
// harness: hostile-matmul
// test: system
// CLONE_VM without CLONE_THREAD: it would go on after the call, outside the thread count.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    long child = syscall(SYS_clone, 0x100 | 17, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    if (child >= 0)
        puts("GAINED a child process");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
