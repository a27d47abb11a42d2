// S a10: reads a folder through a descriptor => forbidden_call
// harness: hostile-matmul
// test: system
// getdents on whatever descriptor may be a folder.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char list[1024];
    long got = 0;
    for (int fd = 0; fd < 65; fd++)
        got += syscall(SYS_getdents64, fd, list, sizeof list) > 0;
    if (got > 0)
        puts("GAINED a folder");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
