// S a26: advises the kernel about the grader's pages => forbidden_call
// harness: hostile-matmul
// test: system
// process_madvise can push another process's memory out.
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct iovec part = {0, 4096};
    if (syscall(SYS_process_madvise, 7, &part, 1, 21, 0) >= 0)
        puts("GAINED process_madvise");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
