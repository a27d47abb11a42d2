// expect: passed
// harness: selective-scan
// The associative scan: (a, x) then (a', x') is (a'a, a'x + x'), so a chunk of tokens is scanned from a zero state
// together with the product of its decays, and what came before the chunk is added times that product. 32 channels side
// by side.
#include "selective-scan.h"

#include <stdlib.h>

enum { LANES = 32, CHUNK = 16 };

static inline float exp_negative(float x) {
    const float round = 0x1.8p23f;
    union {
        float f;
        int32_t i;
    } n, scale;
    const float z = (x < -88 ? -88 : x) * 1.44269504f;
    n.f = z + round;
    const float r = z - (n.f - round);
    float e = 1.5403530e-4f;
    e = e * r + 1.3333558e-3f;
    e = e * r + 9.6181291e-3f;
    e = e * r + 5.5504109e-2f;
    e = e * r + 0.24022651f;
    e = e * r + 0.69314718f;
    e = e * r + 1;
    scale.i = (n.i - 0x4b400000 + 127) << 23;
    return e * scale.f;
}

// log(1 + exp(x)), where log(1 + e) = 2*atanh(e/(2+e)) for 0 <= e <= 1.
static inline float softplus(float x) {
    const float positive = x > 0 ? x : 0, e = exp_negative(x - 2 * positive);
    const float z = e / (2 + e), q = z * z;
    float sum = 1.0f / 15;
    sum = sum * q + 1.0f / 13;
    sum = sum * q + 1.0f / 11;
    sum = sum * q + 1.0f / 9;
    sum = sum * q + 1.0f / 7;
    sum = sum * q + 1.0f / 5;
    sum = sum * q + 1.0f / 3;
    return positive + 2 * z + 2 * z * (sum * q);
}

struct chunk {
    size_t tokens, states;
    const float *B, *C; // rows of the chunk's tokens
    float step[CHUNK][LANES], input[CHUNK][LANES], sum[CHUNK][LANES];
};

// Scans one state over the chunk and adds its part of y to sum; h is what it starts and ends with.
static void scan_state(struct chunk *chunk, size_t state, const float *restrict rate, float *restrict h) {
    float local[LANES] = {0}, left[LANES];
    for (size_t l = 0; l < LANES; l++)
        left[l] = 1;
    for (size_t k = 0; k < chunk->tokens; k++) {
        const float in = chunk->B[k * chunk->states + state], out = chunk->C[k * chunk->states + state];
        const float *restrict step = chunk->step[k], *restrict input = chunk->input[k];
        float *restrict sum = chunk->sum[k];
        for (size_t l = 0; l < LANES; l++) {
            const float decay = exp_negative(step[l] * rate[l]);
            local[l] = decay * local[l] + input[l] * in;
            left[l] *= decay;
            sum[l] += out * (local[l] + left[l] * h[l]);
        }
    }
    for (size_t l = 0; l < LANES; l++)
        h[l] = local[l] + left[l] * h[l];
}

static void load(struct chunk *chunk, const struct selective_scan_params *p, size_t width, const float *u,
                 const float *delta) {
    for (size_t k = 0; k < chunk->tokens; k++)
        for (size_t l = 0; l < LANES; l++)
            chunk->step[k][l] = l < width ? delta[k * (size_t)p->c + l] : 0;
    for (size_t k = 0; p->softplus_delta && k < chunk->tokens; k++)
        for (size_t l = 0; l < LANES; l++)
            chunk->step[k][l] = softplus(chunk->step[k][l]);
    for (size_t k = 0; k < chunk->tokens; k++)
        for (size_t l = 0; l < width; l++)
            chunk->input[k][l] = chunk->step[k][l] * u[k * (size_t)p->c + l];
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

int selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                   const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last) {
    const size_t b = (size_t)p->b, t = (size_t)p->t, c = (size_t)p->c, s = (size_t)p->s;
    float *rate = malloc((2 * s * LANES + 1) * sizeof *rate), *h = rate + s * LANES;
    if (!rate)
        return 1;
    for (size_t i = 0; i < b * c; i += smaller(LANES, c - i % c)) {
        const size_t batch = i / c, first = i % c, width = smaller(LANES, c - first);
        for (size_t k = 0; k < s * LANES; k++) {
            const size_t l = k % LANES, state = k / LANES;
            rate[k] = l < width ? A[(first + l) * s + state] : 0;
            h[k] = l < width && h0 ? h0[(i + l) * s + state] : 0;
        }
        for (size_t k = 0; k < t; k += CHUNK) {
            const size_t token = batch * t + k, at = token * c + first;
            struct chunk chunk = {.tokens = smaller(CHUNK, t - k), .states = s, .B = B + token * s, .C = C + token * s};
            load(&chunk, p, width, u + at, delta + at);
            for (size_t state = 0; state < s; state++)
                scan_state(&chunk, state, rate + state * LANES, h + state * LANES);
            for (size_t m = 0; m < chunk.tokens * width; m++) {
                const size_t row = m / width, l = m % width;
                y[at + row * c + l] = chunk.sum[row][l] + D[first + l] * u[at + row * c + l];
            }
        }
        for (size_t k = 0; k < width * s; k++)
            h_last[i * s + k] = h[k % s * LANES + k / s];
    }
    free(rate);
    return 0;
}
