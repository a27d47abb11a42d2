// expect: passed
// harness: center-rows
// Sixteen sums side by side, so that the additions of a row need not wait for each other.
#include "center-rows.h"

enum { LANES = 16 };

static float row_sum(const float *x, int32_t n) {
    float part[LANES] = {0}, sum = 0;
    int32_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            part[l] += x[j + l];
    for (; j < n; j++)
        sum += x[j];
    for (int l = 0; l < LANES; l++)
        sum += part[l];
    return sum;
}

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int64_t i = 0; i < rows; i++) {
        const float *from = x + i * n;
        const float mean = n > 0 ? row_sum(from, n) / (float)n : 0.0F;
        for (int32_t j = 0; j < n; j++)
            y[i * n + j] = from[j] - mean;
    }
    return 0;
}
