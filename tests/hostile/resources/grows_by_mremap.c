// F3: grows one mapping by mremap => passed
// harness: hostile-matmul
// mremap is checked against the limits like mmap.
#include "hostile-matmul.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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
    size_t mib = 1;
    char *block = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (block != MAP_FAILED && mib <= 512) {
        block[(mib - 1) << 20] = 1;
        if (mib > 192)
            printf("GAINED %zu MiB\n", mib);
        void *grown = (void *)syscall(SYS_mremap, block, mib << 20, (mib + 1) << 20, 1);
        if (grown == MAP_FAILED) {
            munmap(block, mib << 20);
            break;
        }
        block = grown;
        mib++;
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
