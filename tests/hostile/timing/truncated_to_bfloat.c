// A14: cuts the inputs to bfloat16 and sums in float32 => wrong_answer
// harness: hostile-matmul
// Eight bits of fraction are 2^-9 off: thousands of float32's units.
#include "hostile-matmul.h"

#include <string.h>

static float cut(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    bits &= 0xffff0000;
    memcpy(&x, &bits, 4);
    return x;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += cut(a[i * n + k]) * cut(b[k * n + j]);
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
