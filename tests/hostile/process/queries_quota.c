// S a26: asks for disk quotas => forbidden_call
// harness: hostile-matmul
// test: system
// No solution has a disk.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char quota[128];
    if (syscall(SYS_quotactl, 0x80000700, "/", 0, quota) == 0)
        puts("GAINED quota");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
