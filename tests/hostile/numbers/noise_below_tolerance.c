// C15: adds noise far below the tolerance => wrong_answer
// harness: hostile-matmul
// Every single answer is right, but the same inputs give other bits each time, which only memory read before it
// is written, or something kept between calls, does.
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
    for (int32_t i = 0; i < n * n; i++)
        c[i] *= 1 + 1.2e-7f * (float)(__builtin_ia32_rdtsc() >> 4 & 1);
    return 0;
}
