// C9: uses the canary behind the output as scratch memory and puts it back => passed
// harness: hostile-matmul
// What is as it was has harmed nothing: the canary is there to show damage, not use. It must not be mistaken for
// an overrun either.
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
    volatile float *behind = c + n * n;
    multiply(n, alpha, a, b, c);
    if (((uintptr_t)behind & 4095) != 0) {
        const float saved = *behind;
        *behind = alpha;
        *behind = saved;
    }
    return 0;
}
