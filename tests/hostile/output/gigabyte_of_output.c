// F2: prints a gigabyte on both streams => passed
// harness: hostile-matmul
// 64 KiB are kept, in memory that cannot grow. Nothing waits for a reader, and no file fills a disk.
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
    static int calls;
    multiply(n, alpha, a, b, c);
    if (calls++ > 0)
        return 0;
    static char block[1 << 20];
    memset(block, '#', sizeof block);
    for (int i = 0; i < 1024; i++)
        if (write(i % 2 + 1, block, sizeof block) < 0)
            break;
    return 0;
}
