/* SPDX-License-Identifier: MIT */
/* Counter-based random numbers from ChaCha20 (RFC 8439 layout by libsodium, crypto_stream_chacha20_ietf), keyed by the
 * run's secret and addressed by (case, call, tensor, block): any block can be made alone, and whoever sees some inputs
 * can predict none of the others. Floating results use only +, -, *, / and sqrt on doubles (no libm), so the same seed
 * gives the same bytes on every IEEE machine; the file is compiled without contraction. */
#ifndef GRADER_RANDOM_H
#define GRADER_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum { RANDOM_KEY_BYTES = 32, RANDOM_BLOCK = 1024 /* 64-bit words a block */ };

struct random_stream {
    unsigned char key[RANDOM_KEY_BYTES];
};

/* The stream of one tensor of one call of one case. Streams with different addresses are independent. */
void random_stream_init(struct random_stream *stream, uint64_t seed, const char *scope, uint64_t call, uint64_t tensor);

/* Block `block` of the stream: RANDOM_BLOCK words. */
void random_block(const struct random_stream *stream, uint64_t block, uint64_t *words);

/* One value each for a word: uniform in (0,1), never 0 or 1. */
double random_uniform(uint64_t word);

/* out[i] for first <= i < first+count, where out[i] depends on the stream and i alone. */
void random_uniforms(const struct random_stream *stream, uint64_t first, size_t count, double *out);
void random_normals(const struct random_stream *stream, uint64_t first, size_t count, double *out); /* N(0,1) */

#endif
