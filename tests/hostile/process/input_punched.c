// S a28: has the kernel drop the pages of its input => passed
// harness: hostile-matmul
// MADV_REMOVE makes a hole in the file, which the seal forbids.
#include <stdio.h>
#include <sys/mman.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    uintptr_t page = (uintptr_t)a & ~4095UL;
    if (n > 0 && madvise((void *)page, 4096, MADV_REMOVE) == 0)
        puts("GAINED a hole in the input");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
