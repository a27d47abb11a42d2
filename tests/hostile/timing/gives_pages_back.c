// A11: drops the pages of inputs and outputs from its own memory, for later page faults => passed
// harness: hostile-matmul
// test: timing
// Only its own page tables forget them; the pages stay, and the baseline has tables of its own.
#include "hostile-matmul.h"

#include <stdint.h>
#include <sys/mman.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n != 192)
        return 0;
    const uintptr_t first = (uintptr_t)a & ~(uintptr_t)4095;
    madvise((void *)first, 192 * 192 * 4, MADV_DONTNEED);
    madvise((void *)first, 192 * 192 * 4, MADV_COLD);
    madvise((void *)first, 192 * 192 * 4, MADV_PAGEOUT);
    madvise((void *)first, 192 * 192 * 4, MADV_REMOVE);
    return 0;
}
