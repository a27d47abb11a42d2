// N: crashes in hidden cases only, at a line that could stand for a size => crashed
// harness: hostile-matmul
// Honest for the public sizes. With a line for every size, the line of the crash would tell the hidden one: of
// hidden cases nothing is shown but the verdict.
#include "hostile-matmul.h"

#include <stdbool.h>
#include <stdlib.h>

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
    const bool public = n == 0 || n == 7 || n == 33 || n == 67 || n == 96 || n == 192;
    if (public)
        multiply(n, alpha, a, b, c);
    else if (n % 2 != 0)
        __builtin_trap();
    else
        abort();
    return 0;
}
