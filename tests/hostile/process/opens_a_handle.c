// S a26: opens a file by handle => forbidden_call
// harness: hostile-matmul
// test: system
// Handles are guessable inode numbers; this is how containers were left.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int handle[40] = {8, 1, 2, 0};
    if (syscall(SYS_open_by_handle_at, -100, handle, 0) >= 0)
        puts("GAINED a file by handle");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
