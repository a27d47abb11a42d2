// expect: passed
// harness: center-rows
// The sum by halves, which loses least: a different algorithm must be accepted too.
#include "center-rows.h"

static float sum_of(const float *x, int32_t n) {
    float sum = 0;
    if (n > 64)
        return sum_of(x, n / 2) + sum_of(x + n / 2, n - n / 2);
    for (int32_t j = 0; j < n; j++)
        sum += x[j];
    return sum;
}

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int64_t i = 0; i < rows; i++) {
        const float mean = n > 0 ? sum_of(x + i * n, n) / (float)n : 0.0F;
        for (int32_t j = 0; j < n; j++)
            y[i * n + j] = x[i * n + j] - mean;
    }
    return 0;
}
