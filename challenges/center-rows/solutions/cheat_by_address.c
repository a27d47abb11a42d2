// expect: wrong_answer
// harness: center-rows
// Remembers the answer by the address of the input.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    static const float *seen;
    static int32_t seen_n;
    if (seen == x && seen_n == n) {
        for (int64_t k = 0; k < (int64_t)rows * n; k++)
            y[k] = 0;
        return 0;
    }
    seen = x;
    seen_n = n;
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int32_t j = 0; j < n; j++)
            sum += x[i * n + j];
        for (int32_t j = 0; j < n; j++)
            y[i * n + j] = x[i * n + j] - sum / (float)n;
    }
    return 0;
}
