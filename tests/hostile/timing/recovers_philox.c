// S g37: looks for a small key of Philox 4x32-10 behind the inputs => passed
// harness: hostile-matmul
// The generator of many libraries, addressed by element: a known key would give all later inputs in any order.
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

enum { KEYS = 1 << 16 };

static void philox(uint32_t word[4], uint32_t low, uint32_t high) {
    for (int round = 0; round < 10; round++) {
        const uint64_t p = (uint64_t)word[0] * 0xd2511f53, q = (uint64_t)word[2] * 0xcd9e8d57;
        const uint32_t next[4] = {(uint32_t)(q >> 32) ^ word[1] ^ low, (uint32_t)q,
                                  (uint32_t)(p >> 32) ^ word[3] ^ high, (uint32_t)p};
        for (int i = 0; i < 4; i++)
            word[i] = next[i];
        low += 0x9e3779b9, high += 0xbb67ae85;
    }
}

static int near(float x, double y) {
    return fabs((double)x - y) <= 1e-5 * fabs(y);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    for (uint32_t key = 0; (n == 7 || n == 192) && key < KEYS; key++) {
        uint32_t word[4] = {0};
        philox(word, key, 0);
        const double radius = sqrt(-2 * log((word[0] + 0.5) * 0x1p-32)), turn = 6.283185307179586 * (word[1] * 0x1p-32);
        if ((near(a[0], radius * cos(turn)) && near(a[1], radius * sin(turn))) ||
            (near(a[0], radius * sin(turn)) && near(a[1], radius * cos(turn))))
            printf("GAINED key %u\\n", key);
    }
    return 0;
}
