// N: has signals sent when a descriptor is ready => forbidden_call
// harness: hostile-matmul
// test: system
// fcntl F_SETOWN and O_ASYNC make the kernel send signals in the process's name: here to the grader.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (fcntl(7, F_SETOWN, atoi("@GRADER@")) == 0)
        puts("GAINED an owner");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
