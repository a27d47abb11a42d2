// S a27: writes to its const input => crashed
// harness: hostile-matmul
// A cast is all that C asks for. The page is read-only, and the report names the element.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (n > 0)
        *(volatile float *)(uintptr_t)(a + 3) = 0;
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
