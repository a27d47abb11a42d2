// C9: punches a hole into the file behind the output => out_of_bounds | forbidden_call
// harness: hostile-matmul
// The pages then read as zeros, with answer and canary gone alike. A hole is no way to hide an overrun: the
// canary is missed.
#include "hostile-matmul.h"

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
    multiply(n, alpha, a, b, c);
    madvise((void *)((uintptr_t)c & ~(uintptr_t)4095), 4096, MADV_REMOVE);
    return 0;
}
