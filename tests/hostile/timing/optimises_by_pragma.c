// A15: asks for -Ofast by a pragma, which links nothing that changes the process => passed
// harness: hostile-matmul
// test: timing
// The command line is the grader's. A pragma changes code, not start-up files; accuracy is measured as always.
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

#pragma GCC optimize("Ofast", "unroll-loops")
int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    return 0;
}
