/* SPDX-License-Identifier: MIT */
/* Philox 4x32-10: ten rounds of two 32x32->64 multiplications, the key moved on by Weyl constants. */
#include "reference/philox.h"

void philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        uint64_t even = UINT64_C(0xD2511F53) * c0, odd = UINT64_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(odd >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)odd;
        c2 = (uint32_t)(even >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)even;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

struct philox philox_stream(uint64_t seed, uint32_t stream, uint32_t purpose) {
    return (struct philox){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, 0, stream, purpose},
        .used = 4,
    };
}

uint32_t philox_next(struct philox *p) {
    if (p->used == 4) {
        philox_block(p->key, p->counter, p->block);
        p->used = 0;
        p->counter[0]++;
        p->counter[1] += p->counter[0] == 0;
    }
    return p->block[p->used++];
}

uint32_t philox_below(struct philox *p, uint32_t n) {
    return (uint32_t)(((uint64_t)philox_next(p) * n) >> 32);
}

void philox_normals(struct philox *p, double sd, size_t n, real *out) {
    for (size_t i = 0; i < n; i++) {
        int64_t sum = 0; /* exact, so that no order of addition matters */
        for (int k = 0; k < 12; k++)
            sum += philox_next(p);
        out[i] = (real)(sd * ((double)(sum + 6) * 0x1p-32 - 6));
    }
}
