// A11: writes over 32 MB at the end of each GO, so that the baseline finds cold caches => passed
// harness: hostile-matmul
// test: timing
// It pays for that itself. The grader warms the inputs for each side anew, and who goes first changes from pair to
// pair.
#include "hostile-matmul.h"

#include <stddef.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

static char lines[32 << 20];

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int calls;
    multiply(n, alpha, a, b, c);
    if (n == 192 && ++calls % 16 == 0)
        for (size_t i = 0; i < sizeof lines; i += 64)
            lines[i]++;
    return 0;
}
