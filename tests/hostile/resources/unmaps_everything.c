// N: unmaps all memory there is => crashed
// harness: hostile-matmul
// It can hurt nobody but itself: the pages of the grader are mapped in the grader.
#include "hostile-matmul.h"

#include <stdint.h>
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
    munmap((void *)65536, ((size_t)1 << 47) - 131072);
    multiply(n, alpha, a, b, c);
    return 0;
}
