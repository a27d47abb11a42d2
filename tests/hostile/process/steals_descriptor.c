// B5: takes a descriptor out of the grader => forbidden_call
// harness: hostile-matmul
// test: system
// pidfd_getfd copies descriptors of other processes: the hidden cases would be one of them.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_pidfd_getfd, 7, 3, 0) >= 0)
        puts("GAINED a descriptor of the grader");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
