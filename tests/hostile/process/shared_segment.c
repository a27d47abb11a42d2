// S a26: makes a System V shared segment => forbidden_call
// harness: hostile-matmul
// test: system
// It outlives the process and is mapped executable on request.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_shmget, 0x1234, 4096, 01600) >= 0)
        puts("GAINED a shared segment");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
