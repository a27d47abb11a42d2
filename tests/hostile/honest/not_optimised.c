// H: code without optimisation => too_slow | passed
// harness: hostile-matmul
// test: timing
// Some twenty times slower than the baseline; slowness is no reason for suspicion.
#include "hostile-matmul.h"

__attribute__((optimize("O0"))) int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
