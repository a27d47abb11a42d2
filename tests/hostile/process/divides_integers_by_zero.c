// S a27: divides by zero => crashed
// harness: hostile-matmul
// Signal 8.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile int zero = 0;
    (void)alpha, (void)a, (void)b;
    c[0] = (float)(n / zero);
    return 0;
}
