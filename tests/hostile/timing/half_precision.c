// A14: multiplies in half precision => wrong_answer | not_finite
// harness: hostile-matmul
// Halves overflow at 65504 and have 11 bits; the bound comes from what float32 algorithms reach.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            _Float16 sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += (_Float16)a[i * n + k] * (_Float16)b[k * n + j];
            c[i * n + j] = alpha * (float)sum;
        }
    return 0;
}
