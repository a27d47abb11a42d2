// B2: puts the grader's socket in place of its output => forbidden_call
// harness: hostile-matmul
// test: system
// dup2 is how a result is redirected where results are descriptors.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (dup2(7, 1) >= 0)
        puts("GAINED a redirected output");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
