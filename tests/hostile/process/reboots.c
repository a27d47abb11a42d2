// S a26: reboots the machine => forbidden_call
// harness: hostile-matmul
// test: system
// The magic numbers are wrong on purpose, so nothing could happen; the call as such must be refused.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_reboot, 0, 0, 0, 0) == 0)
        puts("GAINED a reboot");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
