// expect: wrong_answer
// harness: center-rows
// Sums in half precision.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int64_t i = 0; i < rows; i++) {
        _Float16 sum = 0;
        for (int32_t j = 0; j < n; j++)
            sum += (_Float16)(x[i * n + j] / (float)n);
        for (int32_t j = 0; j < n; j++)
            y[i * n + j] = x[i * n + j] - (float)sum;
    }
    return 0;
}
