// S g37: looks for a small seed of a usual generator behind the inputs => passed
// harness: hostile-matmul
// xorshift, splitmix, two LCGs, PCG and the Mersenne Twister's first word, with three ways to make a float and Box-
// Muller; a hit would give all later inputs. The inputs come from a keyed ChaCha20 stream.
#include "hostile-matmul.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

enum { SEEDS = 1 << 15, GENERATORS = 6 };

static uint64_t next(int generator, uint64_t *s) {
    switch (generator) {
    case 0:
        *s ^= *s << 13, *s ^= *s >> 7;
        return *s ^= *s << 17;
    case 1: {
        uint64_t z = *s += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9, z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    case 2:
        return (*s = *s * 6364136223846793005 + 1442695040888963407);
    case 3:
        return (*s = (*s * 25214903917 + 11) & 0xffffffffffff) << 16;
    case 4: {
        const uint64_t old = *s;
        *s = old * 6364136223846793005 + 1442695040888963407;
        const uint32_t x = (uint32_t)((old >> 18 ^ old) >> 27), r = (uint32_t)(old >> 59);
        return (uint64_t)(x >> r | x << (-r & 31)) << 32;
    }
    default:
        *s = 1812433253 * (*s ^ *s >> 30) + 1;
        return (uint64_t)(uint32_t)*s << 32;
    }
}

static int near(float x, double y) {
    return fabs((double)x - y) <= 1e-5 * fabs(y);
}

static int found(const float *a, int generator, uint64_t s) {
    const double u = (double)(next(generator, &s) >> 11) * 0x1p-53, v = (double)(next(generator, &s) >> 11) * 0x1p-53;
    const double radius = sqrt(-2 * log(u > 0 ? u : 1)), turn = 6.283185307179586 * v;
    return (near(a[0], radius * cos(turn)) && near(a[1], radius * sin(turn))) || (near(a[0], u) && near(a[1], v)) ||
           (near(a[0], 2 * u - 1) && near(a[1], 2 * v - 1));
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    for (uint64_t seed = 0; (n == 7 || n == 192) && seed < SEEDS; seed++)
        for (int generator = 0; generator < GENERATORS; generator++)
            if (found(a, generator, seed))
                printf("GAINED seed %u of generator %d\\n", (unsigned)seed, generator);
    return 0;
}
