// S a26: mounts a file system => forbidden_call
// harness: hostile-matmul
// test: system
// A mount on top of a folder hides or replaces what is there.
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (mount("none", "/usr", "tmpfs", 0, "") == 0)
        puts("GAINED a mount");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
