// B5: traces a process of the same user => forbidden_call
// harness: hostile-matmul
// test: system
// Attached and let go in another grading: it would stand still.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (ptrace(PTRACE_ATTACH, atoi("@VICTIM@"), NULL, NULL) == 0)
        puts("GAINED the victim");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
