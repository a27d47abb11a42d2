/* SPDX-License-Identifier: MIT */
/* Random numbers for inputs.
 *
 * A word is eight bytes of the ChaCha20 keystream. A uniform number takes one word. Two normal numbers take one word
 * together by the method of Box and Muller (1958): its upper half gives a radius sqrt(-2 ln u), its lower half a point
 * on the circle. With 32 bits each the largest magnitude is sqrt(2 ln 2^33) = 6.76, which a sample of 10^10 numbers
 * does not miss.
 *
 * ln, sin and cos are Taylor series with exact rational coefficients on intervals so small that the first term left out
 * is below 10^-12. The C library's own functions differ from machine to machine in the last place; +, -, *, / and sqrt
 * do not. The loops have no branch and no call, so that the compiler turns them into vector instructions; vector width
 * does not change a single bit, because no sum runs over elements. */
#include "grader/random.h"

#include <assert.h>
#include <endian.h>
#include <float.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "grader/clones.h"

_Static_assert(FLT_EVAL_METHOD == 0, "wider intermediate results would make the numbers depend on the machine");

enum { NORMALS_PER_BLOCK = 2 * RANDOM_BLOCK };

void random_stream_init(struct random_stream *stream, uint64_t seed, const char *scope, uint64_t call,
                        uint64_t tensor) {
    static const char purpose[] = "harness inputs 1";
    const uint64_t address[3] = {htole64(seed), htole64(call), htole64(tensor)};
    crypto_generichash_state state;
    int failed = sodium_init() < 0;

    failed |= crypto_generichash_init(&state, NULL, 0, sizeof stream->key);
    failed |= crypto_generichash_update(&state, (const unsigned char *)purpose, sizeof purpose);
    failed |= crypto_generichash_update(&state, (const unsigned char *)address, sizeof address);
    failed |= crypto_generichash_update(&state, (const unsigned char *)scope, strlen(scope));
    failed |= crypto_generichash_final(&state, stream->key, sizeof stream->key);
    assert(!failed);
    (void)failed;
}

void random_block(const struct random_stream *stream, uint64_t block, uint64_t *words) {
    unsigned char nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {0};
    const uint64_t number = htole64(block);

    memcpy(nonce, &number, sizeof number);
    (void)crypto_stream_chacha20_ietf((unsigned char *)words, RANDOM_BLOCK * sizeof *words, nonce, stream->key);
    for (size_t i = 0; i < RANDOM_BLOCK; i++)
        words[i] = le64toh(words[i]);
}

static inline double double_from_bits(uint64_t bits) {
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t bits_from_double(double value) {
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A whole number below 2^52 becomes a double by standing in the fraction of 2^52 + n: this needs no conversion
 * instruction, which AVX2 lacks for 64-bit integers. */
static inline double double_from_whole(uint64_t whole) {
    return double_from_bits(0x4330000000000000 | whole) - 0x1p52;
}

/* ln(x) - 32 ln 2 for x in [0.5, 2^32). x = m * 2^e with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh s with
 * s = (m-1)/(m+1), |s| <= 0.1716. Taking the 32 off e before the sum keeps all digits for x close to 2^32. */
static inline double log_share(double x) {
    const uint64_t sqrt_half = 0x3fe6a09e667f3bcd, bias = UINT64_C(1024) << 52;
    const uint64_t shifted = bits_from_double(x) - sqrt_half + bias;
    const uint64_t exponent = shifted >> 52;
    const double m = double_from_bits(bits_from_double(x) - (exponent << 52) + bias);
    const double e = double_from_whole(exponent) - (1024.0 + 32.0);
    const double s = (m - 1.0) / (m + 1.0), q = s * s;
    const double low = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0))));
    const double high = 1.0 / 11.0 + q * (1.0 / 13.0 + q * (1.0 / 15.0));
    const double q2 = q * q;

    return e * 0x1.62e42fefa39efp-1 + 2.0 * s * (low + q2 * q2 * q * high);
}

/* Both for |x| <= pi/4. */
static inline double sine(double x) {
    const double q = x * x, q2 = q * q;
    const double low = 1.0 + q * (-1.0 / 6.0 + q * (1.0 / 120.0 + q * (-1.0 / 5040.0)));
    const double high = 1.0 / 362880.0 + q * (-1.0 / 39916800.0 + q * (1.0 / 6227020800.0));

    return x * (low + q2 * q2 * high);
}

static inline double cosine(double x) {
    const double q = x * x, q2 = q * q;
    const double low = 1.0 + q * (-1.0 / 2.0 + q * (1.0 / 24.0 + q * (-1.0 / 720.0)));
    const double high = 1.0 / 40320.0 + q * (-1.0 / 3628800.0 + q * (1.0 / 479001600.0));

    return low + q2 * q2 * high;
}

/* Word i gives normal[i] and normal[i + RANDOM_BLOCK]. Two bits choose a quarter of the circle and thirty a point in
 * it, so that sine and cosine are only needed within an eighth of a turn from an axis. */
CLONES
static void box_muller(const uint64_t *restrict words, double *restrict normal) {
    const double step = 0x1.921fb54442d18p+0 * 0x1p-30; /* pi/2 in 2^30 parts */

    for (size_t i = 0; i < RANDOM_BLOCK; i++) {
        const uint64_t word = words[i];
        const double u = double_from_whole(word >> 32) + 0.5;
        const double radius = sqrt(-2.0 * log_share(u));
        const double angle = (double_from_whole(word & 0x3fffffff) - (0x1p29 - 0.5)) * step;
        const double c = radius * cosine(angle), s = radius * sine(angle);
        const uint64_t turned = UINT64_C(0) - (word >> 30 & 1), sign = (word & 0x80000000) << 32;
        const uint64_t keep = bits_from_double(c), swap = bits_from_double(s);

        normal[i] = double_from_bits(((keep & ~turned) | (swap & turned)) ^ sign);
        normal[i + RANDOM_BLOCK] = double_from_bits(((swap & ~turned) | (keep & turned)) ^ sign);
    }
}

double random_uniform(uint64_t word) {
    return (double_from_whole(word >> 12) + 0.5) * 0x1p-52;
}

CLONES
static void uniforms_from_words(const uint64_t *restrict words, double *restrict out) {
    for (size_t i = 0; i < RANDOM_BLOCK; i++)
        out[i] = random_uniform(words[i]);
}

typedef void random_shape_fn(const uint64_t *words, double *out);

/* Whole blocks are shaped where the caller wants them; a block that is only wanted in part goes through `partial`. */
static void random_range(const struct random_stream *stream, random_shape_fn *shape, size_t per_block, uint64_t first,
                         size_t count, double *out) {
    uint64_t words[RANDOM_BLOCK];
    double partial[NORMALS_PER_BLOCK];

    while (count > 0) {
        const size_t offset = (size_t)(first % per_block);
        const size_t rest = per_block - offset, take = count < rest ? count : rest;

        random_block(stream, first / per_block, words);
        if (take == per_block) {
            shape(words, out);
        } else {
            shape(words, partial);
            memcpy(out, partial + offset, take * sizeof *out);
        }
        first += take;
        out += take;
        count -= take;
    }
}

void random_uniforms(const struct random_stream *stream, uint64_t first, size_t count, double *out) {
    random_range(stream, uniforms_from_words, RANDOM_BLOCK, first, count, out);
}

void random_normals(const struct random_stream *stream, uint64_t first, size_t count, double *out) {
    random_range(stream, box_muller, NORMALS_PER_BLOCK, first, count, out);
}
