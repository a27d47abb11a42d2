// S a26: starts an interval timer => forbidden_call
// harness: hostile-matmul
// test: system
// The handler would compute while the worker is parked.
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct itimerval each = {{0, 1000}, {0, 1000}};
    if (setitimer(ITIMER_REAL, &each, NULL) == 0)
        puts("GAINED a timer");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
