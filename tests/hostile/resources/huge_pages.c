// F3: huge pages, of the reserved and of the transparent kind => passed
// harness: hostile-matmul
// Of the reserved ones there are none; the others count like all memory.
#include "hostile-matmul.h"

#include <stdio.h>
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
    void *reserved = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (reserved != MAP_FAILED)
        munmap(reserved, 64 << 20);
    char *block = aligned_alloc(2 << 20, 64 << 20);
    if (block != NULL && madvise(block, 64 << 20, MADV_HUGEPAGE) == 0)
        memset(block, 1, 64 << 20);
    free(block);
    multiply(n, alpha, a, b, c);
    return 0;
}
