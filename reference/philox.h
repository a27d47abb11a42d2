/* SPDX-License-Identifier: MIT */
/* Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (Parallel Random Numbers: As Easy as
 * 1, 2, 3; SC 2011): block number `counter` under `key` is a pure function of the two, so any part of a stream can be
 * made alone and the same key gives the same words on every machine. Not for secrets: the words can be inverted. */
#ifndef REFERENCE_PHILOX_H
#define REFERENCE_PHILOX_H

#include "reference/real.h"

#define philox_block   REAL_FN(philox_block)
#define philox_stream  REAL_FN(philox_stream)
#define philox_next    REAL_FN(philox_next)
#define philox_below   REAL_FN(philox_below)
#define philox_normals REAL_FN(philox_normals)

/* One block of four words. */
void philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/* A stream of words: the blocks (0, 0, stream, purpose), (1, 0, stream, purpose), ... under the seed as key. */
struct philox {
    uint32_t key[2], counter[4], block[4];
    unsigned used; /* words of `block` that are spent */
};

struct philox philox_stream(uint64_t seed, uint32_t stream, uint32_t purpose);
uint32_t philox_next(struct philox *p);

/* 0 .. n-1 by multiplication and shift (Lemire 2019 without the rejection: off by less than n/2^32); n >= 1. */
uint32_t philox_below(struct philox *p, uint32_t n);

/* out[i] = N(0, sd^2), i < n: the sum of twelve uniforms less six. Its tails end at six standard deviations, which an
 * initialisation does not miss, and it needs no libm. */
void philox_normals(struct philox *p, double sd, size_t n, real *out);

#endif
