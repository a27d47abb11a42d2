// B5: compares itself with the grader => forbidden_call
// harness: hostile-matmul
// test: system
// kcmp tells which files and memories two processes share.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_kcmp, getpid(), atoi("@GRADER@"), 1, 0, 0) >= 0)
        puts("GAINED a comparison");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
