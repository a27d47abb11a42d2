// C5: leaves out products that look too small to matter => wrong_answer
// harness: hostile-matmul
// Skips a factor below 1e-3 of the row's largest: in log-uniform data most of the work. What is left out is
// still thousands of times the rounding that float32 may show.
#include "hostile-matmul.h"

#include <math.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        const float *row = a + (int64_t)i * n;
        float *to = c + (int64_t)i * n, most = 0;
        for (int32_t k = 0; k < n; k++)
            most = fmaxf(most, fabsf(row[k]));
        for (int32_t j = 0; j < n; j++)
            to[j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; fabsf(row[k]) > 1e-3f * most && j < n; j++)
                to[j] += alpha * row[k] * b[(int64_t)k * n + j];
    }
    return 0;
}
