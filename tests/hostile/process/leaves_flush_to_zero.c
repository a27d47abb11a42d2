// S a20: leaves flush-to-zero and denormals-are-zero on => passed
// harness: hostile-matmul
// The worker sets the control register anew before every call, and reports it; the reference is computed
// elsewhere.
#include <xmmintrin.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    _mm_setcsr(_mm_getcsr() | 1 << 15 | 1 << 6);
    return 0;
}
