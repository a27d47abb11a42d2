// S a26: handles its own page faults => forbidden_call
// harness: hostile-matmul
// test: system
// With a userfaultfd a page can be made to stall whoever touches it, the grader's copy of the output included.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_userfaultfd, 1) >= 0)
        puts("GAINED a userfaultfd");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
