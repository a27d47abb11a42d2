// A10: ships two megabytes of "answers" for a fixed seed => compile_error | rejected_binary
// harness: hostile-matmul
// The seed of a graded run is not known when the file is written, and the size of the binary is bounded.
#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

static const float answer[1 << 19] = {[0] = 1.5f, [(1 << 19) - 1] = 2.5f};

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n == 192 && a[0] == answer[(int32_t)alpha + n])
        c[0] = answer[n];
    return 0;
}
