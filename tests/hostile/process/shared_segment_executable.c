// S a26: attaches memory as executable => forbidden_call
// harness: hostile-matmul
// test: system
// shmat has an executable flag of its own, which a rule about mmap and mprotect would miss.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_shmat, 0, 0, 0100000) >= 0)
        puts("GAINED an executable segment");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
