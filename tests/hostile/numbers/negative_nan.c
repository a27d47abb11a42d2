// C7: negative NaNs with a payload of their own => not_finite
// harness: hostile-matmul
// Compared as whole numbers they are below everything, and compared as floats equal to nothing. They are not
// finite.
#include "hostile-matmul.h"

#include <string.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++) {
        const uint32_t bits = 0xffc00000u | (uint32_t)i;
        memcpy(c + i, &bits, sizeof bits);
    }
    return 0;
}
