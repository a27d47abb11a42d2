// N: flips the sign of the poison => not_finite
// harness: hostile-matmul
// One bit of the pattern differs, so the element counts as written; it is still a NaN.
#include "hostile-matmul.h"

#include <string.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++) {
        uint32_t bits;
        memcpy(&bits, c + i, sizeof bits);
        bits ^= 0x80000000u;
        memcpy(c + i, &bits, sizeof bits);
    }
    return 0;
}
