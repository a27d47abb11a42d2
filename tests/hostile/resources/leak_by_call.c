// F3: a megabyte more in every call => memory_limit | passed | unstable
// harness: hostile-matmul
// test: timing
// Enough timed calls in one process use up its memory. The processes are changed every few pairs of runs, so it may
// get through as well, having gained nothing; faults on fresh pages can also make its times too uneven to judge.
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
    memset(malloc(1 << 20), 1, 1 << 20);
    multiply(n, alpha, a, b, c);
    return 0;
}
