// N: reads one element past each row's end of the last input => not_finite | out_of_bounds
// harness: hostile-matmul
// Zero times whatever is there looks harmless. What is there is NaN, or the guard page.
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
        c[i] += 0 * ((const volatile float *)b)[i + n * (i >= n * n - n)];
    return 0;
}
