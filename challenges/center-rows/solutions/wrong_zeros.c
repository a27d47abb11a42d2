// expect: wrong_answer
// harness: center-rows
// Zeros, which are near the answer wherever the answer is small.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    (void)x;
    for (int64_t k = 0; k < (int64_t)rows * n; k++)
        y[k] = 0;
    return 0;
}
