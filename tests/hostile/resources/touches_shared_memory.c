// F3: takes shared anonymous memory, which RLIMIT_DATA does not count => memory_limit | passed
// harness: hostile-matmul
// The control group counts it. An ordinary user has only the limit of address space, which leaves room for libraries
// and the heaps of threads above the 96 MiB: less than four times as much in all.
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
        void *more = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED)
            break;
        memset(more, 1, 8 << 20);
        if (mib > 400)
            printf("GAINED %zu MiB\n", mib);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
