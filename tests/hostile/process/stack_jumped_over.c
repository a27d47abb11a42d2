// S a27: jumps over the end of the stack => crashed
// harness: hostile-matmul
// One step of 12 MB lands beyond the guard page below the stack, in whatever is there.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile char *below = (volatile char *)__builtin_frame_address(0) - (12 << 20);
    below[0] = 1;
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
