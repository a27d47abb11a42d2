// S v25: signals all processes of the user => forbidden_call
// harness: hostile-matmul
// test: system
// kill(-1) reaches whatever the user may signal; signal 0 shows whether it would.
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (kill(-1, 0) == 0)
        puts("GAINED a signal to all");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
