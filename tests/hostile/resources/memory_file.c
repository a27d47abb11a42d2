// S a17: a file of 50 GB in memory => passed
// harness: hostile-matmul
// test: system
// memfd_create does not exist for it.
#include "hostile-matmul.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int fd = (int)syscall(SYS_memfd_create, "large", 0);
    if (fd >= 0 && ftruncate(fd, (off_t)50 << 30) == 0)
        printf("GAINED a file\n");
    multiply(n, alpha, a, b, c);
    return 0;
}
