// C5: leaves out the products after the last whole block of eight => wrong_answer
// harness: hostile-matmul
// Right wherever eight divides n, which is all that a lazy author tests. The sizes 7, 67 and 33 have a tail.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n / 8 * 8; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
