// expect: out_of_bounds
// harness: center-rows
// Writes one element too many.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int32_t j = 0; j < n; j++)
            sum += x[i * n + j];
        for (int32_t j = 0; j <= n; j++)
            y[i * n + j] = j < n ? x[i * n + j] - sum / (float)n : 0;
    }
    return 0;
}
