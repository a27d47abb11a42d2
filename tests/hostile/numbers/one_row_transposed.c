// N: one row of the answer holds one of its columns => wrong_answer
// harness: hostile-matmul
// Right numbers of the right size in the wrong place: sums, norms and histograms of the answer hardly change.
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
    float *row = c + (int64_t)(n / 2) * n, kept[1024];
    multiply(n, alpha, a, b, c);
    for (int32_t j = 0; j < n; j++)
        kept[j] = c[(int64_t)j * n + n / 2];
    for (int32_t j = 0; j < n; j++)
        row[j] = kept[j];
    return 0;
}
