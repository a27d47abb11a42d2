// C9: changes one byte behind the output, and only when the output is not at the page's end => out_of_bounds
// harness: hostile-matmul
// Avoids the guard page of the fourth call. A canary of known bytes could be copied; this one changes with every
// call, and one flipped byte is enough.
#include "hostile-matmul.h"

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
    if (((uintptr_t)(c + n * n) & 4095) != 0)
        *(volatile unsigned char *)(c + n * n) ^= 1;
    return 0;
}
