// H: sums in long double and volatile variables => passed
// harness: hostile-matmul
// Slow, exact, and on the x87.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            volatile long double sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += (long double)a[i * n + k] * (long double)b[k * n + j];
            c[i * n + j] = (float)((long double)alpha * sum);
        }
    return 0;
}
