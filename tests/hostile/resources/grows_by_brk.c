// F3: grows the heap by brk => passed
// harness: hostile-matmul
// RLIMIT_DATA counts the heap: brk says no at 128 MiB.
#include "hostile-matmul.h"

#include <stdio.h>
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
    for (size_t mib = 8; mib <= 512; mib += 8) {
        char *more = sbrk(8 << 20);
        if (more == (void *)-1)
            break;
        *more = 1;
        if (mib > 192)
            printf("GAINED %zu MiB\n", mib);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
