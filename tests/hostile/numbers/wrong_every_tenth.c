// C15: wrong in every tenth call => wrong_answer
// harness: hostile-matmul
// Right nine times of ten, and a retry until lucky would accept it. Every call has to be right, and there are no
// retries.
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
    static unsigned calls;
    multiply(n, alpha, a, b, c);
    if (++calls % 10 == 0 && n > 0)
        c[n] = 0;
    return 0;
}
