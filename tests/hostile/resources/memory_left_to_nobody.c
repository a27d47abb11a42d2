// N: takes all memory, then computes rightly => memory_limit | passed
// harness: hostile-matmul
// What the worker needs for the next case is missing: that is the fault of who took it.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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
    static int taken;
    if (!taken++)
        for (size_t size = 64 << 20; size >= 4096;) {
            void *more = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (more == MAP_FAILED)
                size /= 2;
        }
    multiply(n, alpha, a, b, c);
    return 0;
}
