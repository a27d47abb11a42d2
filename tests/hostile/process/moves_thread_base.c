// S a26: asks the kernel for another thread base => forbidden_call
// harness: hostile-matmul
// test: system
// arch_prctl also switches features of the processor.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned long base = 0;
    if (syscall(SYS_arch_prctl, 0x1003, &base) == 0)
        puts("GAINED the thread base");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
