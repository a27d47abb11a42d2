// H: a thousand blocks in changing sizes, with realloc and calloc => passed
// harness: hostile-matmul
// test: timing
// mmap, mremap, brk and madvise in every call.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <string.h>

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
    for (size_t i = 1; i < 200; i++) {
        char *block = calloc(i, 1024);
        block = realloc(block, i * 4096);
        if (block == NULL)
            return 1;
        block[i] = 1;
        free(block);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
