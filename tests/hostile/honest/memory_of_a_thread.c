// H: thread-local variables => passed
// harness: hostile-matmul
// test: timing
// Static and dynamic, initialised and not.
#include "hostile-matmul.h"

static _Thread_local int64_t rows = 8;

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static _Thread_local float row[1024];
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                row[j] += alpha * a[i * n + k] * b[k * n + j];
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = row[j];
        rows++;
    }
    return rows == 7;
}
