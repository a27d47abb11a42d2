// N: flips the sign of one element => wrong_answer
// harness: hostile-matmul
// The norm of the whole answer is right, and so is every other element.
#include "hostile-matmul.h"

#include <math.h>

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
    multiply(n, alpha, a, b, c);
    int32_t at = 0;
    for (int32_t i = 0; i < n * n; i++)
        at = fabsf(c[i]) > fabsf(c[at]) ? i : at;
    if (n > 0)
        c[at] = -c[at];
    return 0;
}
