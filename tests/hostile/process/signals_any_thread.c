// S v25: signals a thread without naming its process => forbidden_call
// harness: hostile-matmul
// test: system
// tkill is tgkill without the argument that the filter checks.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_tkill, atoi("@VICTIM@"), 19) == 0)
        puts("GAINED a stopped victim");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
