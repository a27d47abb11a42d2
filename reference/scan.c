/* SPDX-License-Identifier: MIT */
/* The exponentials are nearly all of the work: b*t*c*s of them against six other operations each. The fast path runs
 * over channels, whose states do not wait for each other; over states, a vector would be filled by 16 of them only, and
 * the sum of the read-out would go across the lanes. The state of a block of channels stays in the first cache. */
#include "reference/scan.h"

#include <stdlib.h>
#include <string.h>

#include "reference/exp.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

enum { LANES = 64, CHUNK = 32 };

/* exp(x) for x <= 0, where one factor 2^n is enough and only the far end needs care: below -87.7 the result is 0. That
 * is a quarter faster than exp_fast() in float, at the same accuracy. */
static inline real decay(real x) {
#if REAL_IS_DOUBLE
    return exp_fast(x);
#else
    const float to_integer = 0x1.8p23f;
    union {
        float f;
        int32_t i;
    } magic, scale;
    const float y = x < -88.0f ? -88.0f : x;
    magic.f = y * 0x1.715476p+0f + to_integer;
    const float n = magic.f - to_integer, r = (y - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
    float p = 0x1.6a2430p-10f;
    p = p * r + 0x1.1239e4p-7f;
    p = p * r + 0x1.5558f2p-5f;
    p = p * r + 0x1.555492p-3f;
    p = p * r + 0x1.fffffcp-2f;
    p = (r * r) * p + r;
    scale.i = (magic.i - 0x4b400000 + 127) << 23; /* n = -127 leaves 0 */
    return p * scale.f + scale.f;
#endif
}

/* log(1 + exp(x)); log(1 + e) = 2*atanh(e/(2+e)), whose series is in z^2 <= 1/9. exp_fast() and not decay(): softplus
 * of -100 is a number that float32 has, if only just. */
static inline real softplus(real x) {
    const int terms = REAL_IS_DOUBLE ? 17 : 8;
    const real positive = x > 0 ? x : 0, e = exp_fast(x - 2 * positive);
    const real z = e / (2 + e), square = z * z;
    real sum = 0;
    for (int k = terms; k > 0; k--)
        sum = (sum + (real)1 / (real)(2 * k + 1)) * square;
    return positive + (2 * z * sum + 2 * z);
}

void scan_softplus(const real *x, size_t n, real *out) {
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        out[i] = softplus(x[i]);
}

/* One block of channels; lanes beyond its width compute with zeros. */
struct block {
    size_t first, width;
    real *A, *h, *error; /* [states][LANES]; error is NULL when no gauge is asked for */
    real dt[LANES], input[LANES], read[LANES], read_error[LANES];
};

static void block_load(const struct scan *scan, size_t batch, struct block *block) {
    const size_t n = scan->states;
    for (size_t s = 0; s < n; s++)
        for (size_t l = 0; l < LANES; l++) {
            const size_t channel = block->first + l;
            const bool used = l < block->width;
            block->A[s * LANES + l] = used ? scan->A[channel * n + s] : 0;
            block->h[s * LANES + l] = used && scan->h0 ? scan->h0[(batch * scan->channels + channel) * n + s] : 0;
            if (block->error)
                block->error[s * LANES + l] = 0;
        }
}

/* One token of the block: B and C are its rows of [states]. */
static void block_step(struct block *block, size_t states, const real *restrict B, const real *restrict C) {
    const real *restrict A = block->A;
    real *restrict h = block->h;
    real read[LANES] = {0};
    for (size_t s = 0; s < states; s++)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            const size_t i = s * LANES + l;
            h[i] = decay(block->dt[l] * A[i]) * h[i] + block->input[l] * B[s];
            read[l] += C[s] * h[i];
        }
    memcpy(block->read, read, sizeof read);
}

/* What the token's step adds to the error: called in front of block_step(), which overwrites the states. `twice` is how
 * often the parts with dt count. */
static void block_gauge(struct block *block, size_t states, real twice, const real *restrict B, const real *C) {
    const real *restrict A = block->A, *restrict h = block->h;
    real *restrict error = block->error;
    real read[LANES] = {0};
    for (size_t s = 0; s < states; s++)
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            const size_t i = s * LANES + l;
            const real argument = block->dt[l] * A[i], a = decay(argument);
            const real kept = a * h[i], input = block->input[l] * B[s];
            const real own = real_fabs(kept) * (1 + twice * real_fabs(argument)) + twice * real_fabs(input) +
                             real_fabs(kept + input);
            error[i] = real_sqrt(a * error[i] * (a * error[i]) + own * own);
            read[l] += real_fabs(C[s]) * error[i];
        }
    memcpy(block->read_error, read, sizeof read);
}

static void block_scan(const struct scan *scan, size_t batch, struct block *block, real *y, real *gauge_y) {
    const real *D = scan->D + block->first;
    for (size_t t = 0; t < scan->tokens; t++) {
        const size_t token = batch * scan->tokens + t, at = token * scan->channels + block->first;
        const real *u = scan->u + at, *delta = scan->delta + at;
        const real *B = scan->B + token * scan->states, *C = scan->C + token * scan->states;
        memcpy(block->dt, delta, block->width * sizeof *delta);
        if (scan->softplus)
            scan_softplus(block->dt, LANES, block->dt);
        for (size_t l = 0; l < block->width; l++)
            block->input[l] = block->dt[l] * u[l];
        if (block->error)
            block_gauge(block, scan->states, scan->softplus ? 2 : 1, B, C);
        block_step(block, scan->states, B, C);
        for (size_t l = 0; l < block->width; l++)
            y[at + l] = block->read[l] + D[l] * u[l];
        for (size_t l = 0; gauge_y != NULL && l < block->width; l++)
            gauge_y[at + l] = block->read_error[l] + real_fabs(D[l] * u[l]);
    }
}

static void block_store(const struct scan *scan, size_t batch, const struct block *block, const real *from, real *to) {
    for (size_t l = 0; l < block->width; l++)
        for (size_t s = 0; s < scan->states; s++)
            to[(batch * scan->channels + block->first + l) * scan->states + s] = from[s * LANES + l];
}

int scan_forward(const struct scan *scan, real *y, real *h_last, real *gauge_y, real *gauge_h_last) {
    const size_t plane = scan->states * LANES, channels = scan->channels;
    real *space = calloc(3 * plane + 1, sizeof *space);
    if (space == NULL)
        return -1;
    for (size_t batch = 0; batch < scan->batches; batch++)
        for (size_t first = 0; first < channels; first += LANES) {
            struct block block = {.first = first, .width = LANES, .A = space, .h = space + plane};
            if (channels - first < LANES)
                block.width = channels - first;
            if (gauge_y != NULL || gauge_h_last != NULL)
                block.error = space + 2 * plane;
            block_load(scan, batch, &block);
            block_scan(scan, batch, &block, y, gauge_y);
            block_store(scan, batch, &block, block.h, h_last);
            if (gauge_h_last != NULL)
                block_store(scan, batch, &block, block.error, gauge_h_last);
        }
    free(space);
    return 0;
}

static real softplus_once(real x) {
    const real e = real_exp(x > 0 ? -x : x);
    return (x > 0 ? x : 0) + (REAL_IS_DOUBLE ? (real)log1p((double)e) : (real)log1pf((float)e));
}

/* One channel of one batch. */
struct channel {
    size_t tokens, stride, states;
    const real *B, *C; /* [tokens][states] */
    real *dt, *input;  /* [tokens] */
    real *y;           /* [tokens], `stride` apart */
};

static void channel_load(const struct scan *scan, const real *u, const real *delta, struct channel *channel) {
    for (size_t t = 0; t < channel->tokens; t++) {
        const size_t at = t * channel->stride;
        channel->dt[t] = scan->softplus ? softplus_once(delta[at]) : delta[at];
        channel->input[t] = channel->dt[t] * u[at];
        channel->y[at] = 0;
    }
}

/* One state through all tokens: adds what is read of it to y and returns the last state. `local` starts every chunk at
 * zero; `left` is what remains of the state before the chunk. */
static real channel_state(const struct channel *channel, size_t state, real rate, real h) {
    for (size_t chunk = 0; chunk < channel->tokens; chunk += CHUNK) {
        const size_t end = channel->tokens - chunk < CHUNK ? channel->tokens : chunk + CHUNK;
        real local = 0, left = 1;
        for (size_t t = chunk; t < end; t++) {
            const size_t at = t * channel->states + state;
            const real a = real_exp(channel->dt[t] * rate);
            local = a * local + channel->input[t] * channel->B[at];
            left *= a;
            channel->y[t * channel->stride] += channel->C[at] * (local + left * h);
        }
        h = local + left * h;
    }
    return h;
}

int scan_plain(const struct scan *scan, real *y, real *h_last) {
    const size_t tokens = scan->tokens, channels = scan->channels, states = scan->states;
    real *space = malloc((2 * tokens + 1) * sizeof *space);
    if (space == NULL)
        return -1;
    for (size_t i = 0; i < scan->batches * channels; i++) {
        const size_t batch = i / channels, c = i % channels, at = batch * tokens * channels + c;
        const real *B = scan->B + batch * tokens * states, *C = scan->C + batch * tokens * states;
        struct channel channel = {tokens, channels, states, B, C, space, space + tokens, y + at};
        channel_load(scan, scan->u + at, scan->delta + at, &channel);
        for (size_t s = 0; s < states; s++)
            h_last[i * states + s] =
                channel_state(&channel, s, scan->A[c * states + s], scan->h0 ? scan->h0[i * states + s] : 0);
        for (size_t t = 0; t < tokens; t++)
            y[at + t * channels] += scan->D[c] * scan->u[at + t * channels];
    }
    free(space);
    return 0;
}
