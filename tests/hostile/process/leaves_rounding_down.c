// S a20: leaves all exceptions unmasked and rounding changed => passed
// harness: hostile-matmul
// The worker itself computes with floats between the calls; with every exception unmasked it would die of them.
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
    _mm_setcsr(1 << 13);
    unsigned short word = 0x0400;
    __asm__ volatile("fninit; fldcw %0" : : "m"(word));
    return 0;
}
