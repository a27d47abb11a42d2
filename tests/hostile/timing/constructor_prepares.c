// A9: makes its tables in a constructor, before any clock runs => rejected_binary
// harness: hostile-matmul
// Loading must not run code of the candidate.
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

static float table[192 * 192];

__attribute__((constructor)) static void prepare(void) {
    for (int i = 0; i < 192 * 192; i++)
        table[i] = (float)(i % 192);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n > 0)
        c[0] += 0 * table[n];
    return 0;
}
