// S a10: renames a file => forbidden_call
// harness: hostile-matmul
// test: system
// A rename needs no write permission on the file.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (rename("@CANARY@/touch", "@CANARY@/yard/touch") == 0)
        puts("GAINED a renamed file");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
