// B2: changes the size of the captured output => forbidden_call
// harness: hostile-matmul
// test: system
// A grader that has the file mapped dies of SIGBUS when it shrinks. It is sealed as well.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (ftruncate(1, 0) == 0)
        puts("GAINED a smaller output");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
