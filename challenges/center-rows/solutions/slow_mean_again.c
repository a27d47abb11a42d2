// expect: too_slow
// harness: center-rows
// Right, but the mean is taken anew every sixteen columns.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    float mean = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n && j % 16 == 0; k++)
                sum += x[i * n + k];
            mean = j % 16 == 0 ? sum / (float)n : mean;
            y[i * n + j] = x[i * n + j] - mean;
        }
    return 0;
}
