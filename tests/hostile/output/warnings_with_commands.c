// N: compiles with warnings that hold controls and commands => passed
// harness: hostile-matmul
// Pragmas, deprecations and notes: shown with -v, counted, and in the JSON result.
#include "hostile-matmul.h"

_Pragma("message(\"\\033[31m::error::pragma\\r##[group]x\")")
    __attribute__((deprecated("\033]0;title\a\n::warning::deprecated"))) static int old(void) {
    return 0;
}

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
    return old();
}
