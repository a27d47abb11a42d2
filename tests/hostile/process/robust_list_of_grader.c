// N: asks for another process's list of locks => forbidden_call
// harness: hostile-matmul
// test: system
// get_robust_list returns an address in another process.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    void *head;
    long size;
    if (syscall(SYS_get_robust_list, atoi("@GRADER@"), &head, &size) == 0)
        puts("GAINED an address of the grader");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
