// C5: sums every second product and doubles the sum => wrong_answer
// harness: hostile-matmul
// Half the work and the right expectation. The error is as large as the sum itself, millions of units of its
// gauge.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k += 2)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = 2 * alpha * sum;
        }
    return 0;
}
