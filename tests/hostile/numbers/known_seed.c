// C10: makes the inputs again from well-known generators and seeds => passed
// harness: hostile-matmul
// If the first input were the output of a public generator with a small seed, the second and all later ones
// could be looked up. Inputs come from a keyed stream.
#include "hostile-matmul.h"

#include <math.h>
#include <stdio.h>

static uint64_t next(uint64_t *state) { /* splitmix64 */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int guessed(const float *a) {
    for (uint64_t seed = 0; seed < 4096; seed++) {
        uint64_t state = seed;
        const double u = (double)(next(&state) >> 11) * 0x1p-53, v = (double)(next(&state) >> 11) * 0x1p-53;
        const double r = sqrt(-2 * log(1 - u));
        if ((float)(r * cos(6.283185307179586 * v)) == a[0] && (float)(r * sin(6.283185307179586 * v)) == a[1])
            return 1;
    }
    return 0;
}

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
    if (n > 1 && guessed(a))
        printf("GAINED the generator of the inputs\n");
    multiply(n, alpha, a, b, c);
    return 0;
}
