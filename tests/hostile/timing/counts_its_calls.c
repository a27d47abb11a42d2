// A5: works for the first five timed calls, then takes them for the warm-up's end => unwritten_output
// harness: hostile-matmul
// test: timing
// Warm-up calls look like all others, and every output is checked.
#include "hostile-matmul.h"

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
    static int calls;
    if (n != 192 || ++calls <= 5)
        multiply(n, alpha, a, b, c);
    return 0;
}
