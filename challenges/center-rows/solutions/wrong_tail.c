// expect: unwritten_output
// harness: center-rows
// Leaves the columns beyond a multiple of eight unwritten.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int32_t j = 0; j < n; j++)
            sum += x[i * n + j];
        for (int32_t j = 0; j < n / 8 * 8; j++)
            y[i * n + j] = x[i * n + j] - sum / (float)n;
    }
    return 0;
}
