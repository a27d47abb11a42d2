// A7: remembers the answer by the address of its input, in the timed size only => wrong_answer
// harness: hostile-matmul
// test: timing
// Each GO has new contents at the same addresses.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <string.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const float *seen[512];
    static float *kept[512];
    size_t at = 0;
    multiply(n, alpha, a, b, c);
    if (n != 192)
        return 0;
    while (at < 511 && seen[at] != NULL && seen[at] != a)
        at++;
    if (seen[at] == a)
        memcpy(c, kept[at], sizeof(float) * 192 * 192);
    else if ((kept[at] = malloc(sizeof(float) * 192 * 192)) != NULL)
        memcpy(kept[at], c, sizeof(float) * 192 * 192), seen[at] = a;
    return 0;
}
