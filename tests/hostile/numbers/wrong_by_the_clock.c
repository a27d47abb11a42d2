// C15: wrong whenever the time stamp counter is odd in bit 7 => wrong_answer
// harness: hostile-matmul
// No two runs are alike. With four calls of every case there is no run in which all are right.
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
    if ((__builtin_ia32_rdtsc() >> 7 & 1) != 0 && n > 0)
        c[n * n / 2] = 0;
    return 0;
}
