// H: leaves its loops by longjmp => passed
// harness: hostile-matmul
// test: timing
// In every call, from a function further down.
#include "hostile-matmul.h"

#include <setjmp.h>

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

static void multiply_and_jump(int32_t n, float alpha, const float *a, const float *b, float *c, jmp_buf out) {
    multiply(n, alpha, a, b, c);
    longjmp(out, 1);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    jmp_buf out;
    if (setjmp(out) == 0)
        multiply_and_jump(n, alpha, a, b, c, out);
    return 0;
}
