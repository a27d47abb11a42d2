// expect: wrong_answer
// harness: center-rows
// The mean of every second element: half the reading.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int32_t j = 0; j < n; j += 2)
            sum += x[i * n + j];
        for (int32_t j = 0; j < n; j++)
            y[i * n + j] = x[i * n + j] - sum / (float)((n + 1) / 2);
    }
    return 0;
}
