// C15: wrong where the output is not aligned to 64 bytes => wrong_answer
// harness: hostile-matmul
// Right for every buffer that malloc or mmap gives. In the fourth call of a case the arguments end at a page,
// whatever that does to their alignment.
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
    multiply(n, alpha, a, b, c);
    if (((uintptr_t)c & 63) != 0)
        c[0] = 0;
    return 0;
}
