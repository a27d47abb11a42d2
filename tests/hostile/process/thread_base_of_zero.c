// N: sets the register of thread storage to zero => crashed | forbidden_call
// harness: hostile-matmul
// No system call is needed on newer processors. The C library and the worker's handler fall over the first access
// to thread storage.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    __asm__ volatile("wrfsbase %0" : : "r"(0L));
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
