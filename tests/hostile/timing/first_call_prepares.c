// A9: computes the answers of constant inputs in the first call, and copies them in the timed ones => tampered
// harness: hostile-weak
// test: timing
// The challenge is weak, its timed contents can be foretold. No machine does 2n^3 operations in the time of a copy.
#include "hostile-weak.h"

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

static float kept[8][384 * 384], key[8][2];

int hostile_weak(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int count;
    for (int i = 0; n == 384 && i < count; i++)
        if (key[i][0] == a[0] && key[i][1] == b[0]) {
            memcpy(c, kept[i], sizeof kept[i]);
            return 0;
        }
    multiply(n, alpha, a, b, c);
    if (n == 384 && count < 8) {
        key[count][0] = a[0];
        key[count][1] = b[0];
        memcpy(kept[count++], c, sizeof kept[0]);
    }
    return 0;
}
