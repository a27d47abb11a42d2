// C11: leaves out half of the products in the size that is timed => wrong_answer
// harness: hostile-matmul
// test: timing
// Every untimed case is right. The outputs of timed calls are compared like all others.
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
    for (int32_t i = 0; n == 192 && i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n / 2; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
