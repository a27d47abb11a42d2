// B13: forks without the C library => forbidden_call
// harness: hostile-matmul
// test: system
// A filter of names in the object's symbols sees nothing here.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    long child;
    __asm__ volatile("syscall" : "=a"(child) : "a"(57L) : "rcx", "r11", "memory");
    if (child == 0)
        _exit(0);
    if (child >= 0)
        puts("GAINED a child process");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
