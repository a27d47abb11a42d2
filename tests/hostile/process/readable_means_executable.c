// S a26: makes readable pages executable => forbidden_call
// harness: hostile-matmul
// test: system
// personality(READ_IMPLIES_EXEC) turns every later mmap into one with PROT_EXEC, behind the filter's back.
#include <stdio.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (personality(READ_IMPLIES_EXEC) >= 0)
        puts("GAINED another personality");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
