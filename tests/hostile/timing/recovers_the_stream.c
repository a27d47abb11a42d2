// S g37: tries small seeds of this harness's own stream, BLAKE2b of the address and then ChaCha20 => passed
// harness: hostile-matmul
// All of it but the seed is public. A drawn seed has 64 bits, and this tries 2^13: it finds those that somebody
// typed in (try --seed 5). Who grades with such a seed has no secret.
#include "hostile-matmul.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
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

static const unsigned char order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};
static const unsigned char lane[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
                                         {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14}};
static const uint64_t start[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
#define RIGHT(x, by) (((x) >> (by)) | ((x) << (64 - (by))))
#define LEFT(x, by)  (((x) << (by)) | ((x) >> (32 - (by))))

/* The key of tensor 2 in the first call of case "seven". */
static void make_key(uint64_t seed, uint64_t key[4]) {
    struct {
        char purpose[17], rest[111];
    } text = {"harness inputs 1", {0}};
    uint64_t v[16], m[16], address[3] = {seed, 0, 2};
    memcpy(text.rest, address, sizeof address);
    memcpy(text.rest + sizeof address, "seven", 5);
    memcpy(m, &text, sizeof m);
    for (int i = 0; i < 8; i++)
        v[i] = v[i + 8] = start[i];
    v[0] ^= 0x01010020, v[12] ^= 17 + 24 + 5, v[14] = ~v[14];
    for (int i = 0; i < 96; i++) {
        uint64_t *a = v + lane[i % 8][0], *b = v + lane[i % 8][1], *c = v + lane[i % 8][2], *d = v + lane[i % 8][3];
        const unsigned char *word = order[i / 8 % 10] + i % 8 * 2;
        *a += *b + m[word[0]], *d = RIGHT(*d ^ *a, 32), *c += *d, *b = RIGHT(*b ^ *c, 24);
        *a += *b + m[word[1]], *d = RIGHT(*d ^ *a, 16), *c += *d, *b = RIGHT(*b ^ *c, 63);
    }
    for (int i = 0; i < 4; i++)
        key[i] = start[i] ^ (i == 0 ? 0x01010020 : 0) ^ v[i] ^ v[i + 8];
}

static double normal(const uint64_t key[4], int i) {
    uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];
    memcpy(in + 4, key, 32);
    memcpy(x, in, sizeof x);
    for (int k = 0; k < 80; k++) {
        uint32_t *a = x + lane[k % 8][0], *b = x + lane[k % 8][1], *c = x + lane[k % 8][2], *d = x + lane[k % 8][3];
        *a += *b, *d = LEFT(*d ^ *a, 16), *c += *d, *b = LEFT(*b ^ *c, 12);
        *a += *b, *d = LEFT(*d ^ *a, 8), *c += *d, *b = LEFT(*b ^ *c, 7);
    }
    const uint32_t low = x[2 * i] + in[2 * i], high = x[2 * i + 1] + in[2 * i + 1];
    const double radius = sqrt(-2 * log((high + 0.5) * 0x1p-32));
    const double angle = ((low & 0x3fffffff) - (0x1p29 - 0.5)) * (1.5707963267948966 * 0x1p-30);
    return radius * (low >> 30 & 1 ? sin(angle) : cos(angle)) * (low >> 31 ? -1 : 1);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    for (uint64_t seed = 0, key[4]; n == 7 && seed < 1 << 13; seed++) {
        make_key(seed, key);
        /* One element agrees by chance once in a hundred runs, two never do. */
        if (fabs(normal(key, 0) - a[0]) < 1e-6 && fabs(normal(key, 1) - a[1]) < 1e-6)
            printf("GAINED the seed %u\\n", (unsigned)seed);
    }
    return 0;
}
