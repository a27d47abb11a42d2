// B3: puts its own handler in the place of the filter's => forbidden_call
// harness: hostile-matmul
// test: system
// A handler for SIGSYS would answer forbidden calls with invented results.
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if ((signal(SIGSYS, SIG_IGN) == SIG_ERR) == 0)
        puts("GAINED SIGSYS");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
