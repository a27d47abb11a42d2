// H: packs one matrix into 64-byte aligned memory and reads the inputs several times => passed
// harness: hostile-matmul
// test: timing
// posix_memalign in every call, restrict, and unrolled loops over the packed copy.
#include "hostile-matmul.h"

#include <stdlib.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    void *memory;
    if (posix_memalign(&memory, 64, ((size_t)n * (size_t)n + 16) * sizeof(float)) != 0)
        return 1;
    float *restrict packed = memory, *restrict to = c;
    for (int32_t j = 0; j < n; j++)
        for (int32_t k = 0; k < n; k++)
            packed[k * n + j] = b[k * n + j];
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++)
            to[i * n + j] = 0;
    for (int32_t k = 0; k < n; k++)
        for (int32_t i = 0; i < n; i++)
            for (int32_t j = 0; j < n; j++)
                to[i * n + j] += alpha * a[i * n + k] * packed[k * n + j];
    free(memory);
    return 0;
}
