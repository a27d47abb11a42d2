// expect: wrong_answer
// harness: center-rows
// One mean for the whole matrix.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    float mean = 0;
    for (int64_t k = 0; k < (int64_t)rows * n; k++)
        mean += x[k] / (float)((int64_t)rows * n);
    for (int64_t k = 0; k < (int64_t)rows * n; k++)
        y[k] = x[k] - mean;
    return 0;
}
