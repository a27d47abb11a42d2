// S a26: opens a message queue => forbidden_call
// harness: hostile-matmul
// test: system
// POSIX queues outlive the process.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_mq_open, "answers", 0102, 0600, 0) >= 0)
        puts("GAINED a message queue");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
