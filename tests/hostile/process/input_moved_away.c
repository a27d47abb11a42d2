// S a28: moves its input to another address => crashed
// harness: hostile-matmul
// mremap is allowed for the allocator's sake. The next call finds nothing where its input should be.
#include <stddef.h>
#include <sys/mman.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

void *mremap(void *, size_t, size_t, int, ...);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    uintptr_t page = (uintptr_t)a & ~4095UL;
    void *there = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (n > 0)
        mremap((void *)page, 4096, 4096, 1 | 2, there);
    return 0;
}
