// N: mappings that grow down, which RLIMIT_DATA does not count => memory_limit | passed
// harness: hostile-matmul
// The kernel counts them as stacks. As with shared memory: the control group, or else the address space, ends it.
#include "hostile-matmul.h"

#include <stdio.h>
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
    static size_t mib;
    for (int i = 0; i < 6; i++, mib += 8) {
        void *more = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
        if (more == MAP_FAILED)
            break;
        memset(more, 1, 8 << 20);
        if (mib > 400)
            printf("GAINED %zu MiB\n", mib);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
