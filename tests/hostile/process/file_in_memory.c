// S a17: makes a file in memory => passed
// harness: hostile-matmul
// test: system
// memfd_create is answered with ENOSYS: libraries try it.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_memfd_create, "box", 0) >= 0)
        puts("GAINED a file in memory");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
