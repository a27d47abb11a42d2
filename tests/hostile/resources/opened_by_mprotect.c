// N: maps read-only, which is not counted, and then asks for writing => passed
// harness: hostile-matmul
// The kernel counts private pages once they become writable: mprotect says no.
#include "hostile-matmul.h"

#include <stdio.h>
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
    char *block = mmap(NULL, 300 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t mib = 0;
    while (block != MAP_FAILED && mib < 300 && mprotect(block + (mib << 20), 1 << 20, PROT_READ | PROT_WRITE) == 0)
        block[mib++ << 20] = 1;
    if (mib > 192)
        printf("GAINED %zu MiB\n", mib);
    if (block != MAP_FAILED)
        munmap(block, 300 << 20);
    multiply(n, alpha, a, b, c);
    return 0;
}
