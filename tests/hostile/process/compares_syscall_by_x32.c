// S a26: uses the call numbers of x32 => forbidden_call
// harness: hostile-matmul
// test: system
// They are other numbers for the same calls. The kernel ends the process: no handler, no errno.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(0x40000000 + 39) > 0)
        puts("GAINED a call by x32");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
