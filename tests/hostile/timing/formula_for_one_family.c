// A13: uses a formula for one family of constant inputs, honest loops for the other three => tampered
// harness: hostile-weak
// test: timing
// A quarter of the GOs is faster than the machine. The median of all is not, so each GO is held against the roof.
#include "hostile-weak.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_weak(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (n != 384 || a[0] != 0.3f) {
        multiply(n, alpha, a, b, c);
        return 0;
    }
    float sum = 0;
    for (int32_t k = 0; k < n; k++)
        sum += alpha * a[k] * b[k * n];
    for (int32_t i = 0; i < n * n; i++)
        c[i] = sum;
    return 0;
}
