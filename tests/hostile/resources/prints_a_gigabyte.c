// S a18: writes a gigabyte to its output => passed
// harness: hostile-matmul
// The output is a memory of 64 KiB that cannot grow; nobody has to drain it.
#include "hostile-matmul.h"

#include <string.h>
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
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    for (int i = 0; n > 0 && i < 256; i++)
        (void)!write(1, block, sizeof block);
    multiply(n, alpha, a, b, c);
    return 0;
}
