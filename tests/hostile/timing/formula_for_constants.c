// A13: writes the one number that constant inputs give into every element => tampered
// harness: hostile-weak
// test: timing
// Right in every element, and faster than the machine could do the work.
#include "hostile-weak.h"

int hostile_weak(int32_t n, float alpha, const float *a, const float *b, float *c) {
    float sum = 0;
    for (int32_t k = 0; k < n; k++)
        sum += alpha * a[k] * b[k * n];
    for (int32_t i = 0; i < n * n; i++)
        c[i] = sum;
    return 0;
}
