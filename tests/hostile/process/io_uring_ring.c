// S a26: asks for an io_uring => forbidden_call
// harness: hostile-matmul
// test: system
// A ring performs reads and writes that the filter never sees as calls of their own, so the ring itself must be
// refused.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char ring[128] = {0};
    if (syscall(SYS_io_uring_setup, 4, ring) >= 0)
        puts("GAINED an io_uring");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
