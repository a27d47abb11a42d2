// S a26: reads signals from a descriptor => forbidden_call
// harness: hostile-matmul
// test: system
// It would take SIGSYS out of the worker's hands.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned long mask = 1UL << 30;
    if (syscall(SYS_signalfd4, -1, &mask, 8, 0) >= 0)
        puts("GAINED a signal descriptor");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
