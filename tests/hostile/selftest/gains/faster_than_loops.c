// T: honest code that is twice as fast as the plain loops, as a cheat would seem to be => passed
// harness: hostile-matmul
// test: timing
// reports: it passed with a gain
// Four rows and sixteen columns at a time stay in registers.
#include "hostile-matmul.h"

static void block(int32_t n, float alpha, const float *a, const float *b, float *c) {
    float sum[4][32] = {{0}};
    for (int32_t k = 0; k < n; k++)
        for (int32_t r = 0; r < 4; r++)
            for (int32_t j = 0; j < 32; j++)
                sum[r][j] += a[(int64_t)r * n + k] * b[(int64_t)k * n + j];
    for (int32_t r = 0; r < 4; r++)
        for (int32_t j = 0; j < 32; j++)
            c[(int64_t)r * n + j] = alpha * sum[r][j];
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int32_t rows = n / 4 * 4, columns = n / 32 * 32;
    for (int32_t i = 0; i < rows; i += 4)
        for (int32_t j = 0; j < columns; j += 32)
            block(n, alpha, a + (int64_t)i * n, b + j, c + (int64_t)i * n + j);
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = i < rows ? columns : 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
