// C11: the default factor typed in => wrong_answer
// harness: hostile-matmul
// alpha is 1.3 in all cases but one.
#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha;
    multiply(n, 1.3f, a, b, c);
    return 0;
}
