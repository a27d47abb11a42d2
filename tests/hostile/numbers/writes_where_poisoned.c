// N: computes only elements that look poisoned => passed
// harness: hostile-matmul
// If any element had been spared by the poison, its work could be saved. None is: all are computed, and the
// answer is right.
#include "hostile-matmul.h"

#include <math.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            if (!isnan(c[(int64_t)i * n + j]))
                continue;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
