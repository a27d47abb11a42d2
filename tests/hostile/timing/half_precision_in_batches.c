// A6: takes calls at changing addresses for the timed phase, and rounds to half there => wrong_answer
// harness: hostile-matmul
// test: timing
// No mode is told to the worker; what it guesses does not matter, because there is no unchecked phase.
#include "hostile-matmul.h"

#include <stddef.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const float *last;
    static _Float16 half[2][192 * 192];
    const int timed = last != NULL && a != last && n == 192;
    last = a;
    if (!timed) {
        multiply(n, alpha, a, b, c);
        return 0;
    }
    for (int32_t i = 0; i < n * n; i++) {
        half[0][i] = (_Float16)a[i];
        half[1][i] = (_Float16)b[i];
    }
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += (float)half[0][i * n + k] * (float)half[1][k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
