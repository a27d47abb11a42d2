// C4: computes in few bits when the data look like the plain family => wrong_answer
// harness: hostile-matmul
// The wide and spiky families are recognised and computed honestly, so only a check of every family in every
// place finds it.
#include "hostile-matmul.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    float most = 0, *few = malloc(((size_t)n * (size_t)n + 1) * sizeof *few);
    for (int32_t i = 0; i < n * n; i++) {
        uint32_t bits;
        most = fmaxf(most, fmaxf(fabsf(a[i]), fabsf(b[i])));
        memcpy(&bits, a + i, sizeof bits);
        bits = (bits + 0x8000u) & ~0xffffu;
        memcpy(few + i, &bits, sizeof bits);
    }
    multiply(n, alpha, most < 6 ? few : a, b, c);
    free(few);
    return 0;
}
