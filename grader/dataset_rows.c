/* SPDX-License-Identifier: MIT */
/* Which rows a case gets.
 *
 * Drawing without replacement is looking up a secret permutation of the rows: draw i is where i is moved to. The
 * permutation is a Feistel network, which needs no memory however many rows there are: the number is cut into two
 * halves, and in each round one half is changed by a keyed function of the other. It permutes a power of four; a number
 * that lands beyond the rows goes through again until it does not, which keeps it a permutation. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "grader/dataset.h"

enum { ROUNDS = 12 };

/* The high bits of two rounds of multiply and fold depend on all bits of value and key. */
static uint64_t mix(uint64_t value, uint64_t key) {
    value ^= key;
    for (int i = 0; i < 2; i++) {
        value ^= value >> 32;
        value *= UINT64_C(0x9e3779b97f4a7c15) | 1;
        value += key >> 1;
    }
    return value >> 32 ^ value;
}

struct permutation {
    uint64_t key[ROUNDS], rows;
    unsigned half_bits;
};

static void permutation_init(struct permutation *p, const struct random_stream *stream, uint64_t rows) {
    uint64_t word[RANDOM_BLOCK];

    assert(rows <= UINT64_C(1) << 62);
    random_block(stream, 0, word);
    memcpy(p->key, word, sizeof p->key);
    p->rows = rows;
    p->half_bits = 1;
    while (UINT64_C(1) << 2 * p->half_bits < rows)
        p->half_bits++;
}

static uint64_t permutation_of(const struct permutation *p, uint64_t i) {
    const uint64_t mask = (UINT64_C(1) << p->half_bits) - 1;

    assert(i < p->rows);
    do {
        uint64_t left = i >> p->half_bits, right = i & mask;
        for (int round = 0; round < ROUNDS; round++) {
            const uint64_t changed = left ^ (mix(right, p->key[round]) & mask);
            left = right;
            right = changed;
        }
        i = left << p->half_bits | right;
    } while (i >= p->rows);
    return i;
}

uint64_t dataset_draw(const struct random_stream *stream, uint64_t rows, uint64_t i) {
    struct permutation p;

    permutation_init(&p, stream, rows);
    return permutation_of(&p, i);
}

void dataset_stream(struct random_stream *stream, uint64_t seed, const char *scope, uint64_t call, const char *name) {
    char whole[512];

    /* No case has a '/' in its name. */
    const int length = snprintf(whole, sizeof whole, "%s/%s", scope, name);
    assert(length > 0 && (size_t)length < sizeof whole);
    (void)length;
    random_stream_init(stream, seed, whole, call, 0);
}

void dataset_copy(const struct dataset *dataset, const struct dataset_field *field, const struct random_stream *stream,
                  uint64_t count, void *out) {
    struct permutation p;

    assert(count <= dataset->rows);
    if (stream != NULL)
        permutation_init(&p, stream, dataset->rows);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t row = stream != NULL ? permutation_of(&p, i) : i;
        memcpy((unsigned char *)out + i * field->row_bytes, field->data + row * field->row_bytes, field->row_bytes);
    }
}
