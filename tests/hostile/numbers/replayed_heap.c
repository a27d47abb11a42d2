// C6: finds its earlier answer in memory that it gave back to malloc => wrong_answer
// harness: hostile-matmul
// The allocator gives the same block again, with most of the old answer in it. Only the first call computes, and
// no call after it has the same values.
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
    static int32_t known = -1;
    const size_t count = (size_t)n * (size_t)n;
    float *block = malloc((count + 4) * sizeof *block);
    if (known != n)
        multiply(n, alpha, a, b, block + 4);
    known = n;
    memcpy(c, block + 4, count * sizeof *c);
    free(block);
    return 0;
}
