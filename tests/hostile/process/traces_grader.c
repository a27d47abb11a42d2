// B5: traces the grader => forbidden_call
// harness: hostile-matmul
// test: system
// A tracer writes the verdict that it likes.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (ptrace(PTRACE_SEIZE, atoi("@GRADER@"), NULL, NULL) == 0)
        puts("GAINED the grader");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
