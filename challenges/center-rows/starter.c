// harness: center-rows
// Compiles, and is honest about being unfinished: it copies each row instead of centring it.
#include "center-rows.h"

int center_rows(int32_t rows, int32_t n, const float *x, float *y) {
    for (int32_t i = 0; i < rows; i++) {
        for (int32_t j = 0; j < n; j++) {
            y[(int64_t)i * n + j] = x[(int64_t)i * n + j];
        }
    }
    return 0;
}
