// S v25: queues a signal with a forged sender => forbidden_call
// harness: hostile-matmul
// test: system
// The value and the sender are the caller's choice.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int info[32] = {0};
    if (syscall(SYS_rt_sigqueueinfo, atoi("@GRADER@"), 0, info) == 0)
        puts("GAINED a queued signal");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
