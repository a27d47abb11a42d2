// C5: computes every second column and copies it to its neighbour => wrong_answer
// harness: hostile-matmul
// Half the work. A check of samples at even places would not see it; every element is compared.
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
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 1; j < n; j += 2)
            c[(int64_t)i * n + j] = c[(int64_t)i * n + j - 1];
    return 0;
}
