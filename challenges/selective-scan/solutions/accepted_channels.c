// expect: passed
// harness: selective-scan
// Token by token over blocks of 64 channels, side by side in vectors; the states of a block stay in the first cache.
// exp as a power of two: its argument is never positive, so one factor 2^n does, with 0 for what float32 cannot hold.
#include "selective-scan.h"

#include <stdlib.h>
#include <string.h>

enum { LANES = 64 };

static inline float exp_negative(float x) {
    const float round = 0x1.8p23f;
    union {
        float f;
        int32_t i;
    } n, scale;
    const float z = (x < -88 ? -88 : x) * 1.44269504f;
    n.f = z + round;
    const float r = z - (n.f - round);
    float e = 1.5252734e-5f;
    e = e * r + 1.5403530e-4f;
    e = e * r + 1.3333558e-3f;
    e = e * r + 9.6181291e-3f;
    e = e * r + 5.5504109e-2f;
    e = e * r + 0.24022651f;
    e = e * r + 0.69314718f;
    e = e * r + 1;
    scale.i = (n.i - 0x4b400000 + 127) << 23;
    return e * scale.f;
}

// log(1 + e) = 2*atanh(e/(2+e)) for 0 <= e <= 1.
static inline float log_one_plus(float e) {
    const float z = e / (2 + e), q = z * z;
    float sum = 1.0f / 17;
    sum = sum * q + 1.0f / 15;
    sum = sum * q + 1.0f / 13;
    sum = sum * q + 1.0f / 11;
    sum = sum * q + 1.0f / 9;
    sum = sum * q + 1.0f / 7;
    sum = sum * q + 1.0f / 5;
    sum = sum * q + 1.0f / 3;
    return 2 * z + 2 * z * (sum * q);
}

static inline float softplus(float x) {
    const float positive = x > 0 ? x : 0;
    return positive + log_one_plus(exp_negative(x - 2 * positive));
}

struct block {
    const struct selective_scan_params *p;
    size_t first, width;
    float *A, *h; // [s][LANES]
    float step[LANES], input[LANES], read[LANES];
};

// From rows of channels to rows of states, with zeros for the lanes beyond the last channel.
static void load(const struct block *block, const float *from, float *to) {
    const size_t s = (size_t)block->p->s;
    for (size_t j = 0; j < s; j++)
        for (size_t l = 0; l < LANES; l++)
            to[j * LANES + l] = from && l < block->width ? from[(block->first + l) * s + j] : 0;
}

static void update(struct block *block, const float *restrict B, const float *restrict C) {
    const float *restrict A = block->A;
    float *restrict h = block->h;
    float read[LANES] = {0};
    for (size_t j = 0; j < (size_t)block->p->s; j++, A += LANES, h += LANES)
        for (size_t l = 0; l < LANES; l++) {
            const float decay = exp_negative(block->step[l] * A[l]);
            h[l] = decay * h[l] + block->input[l] * B[j];
            read[l] += C[j] * h[l];
        }
    memcpy(block->read, read, sizeof read);
}

static void scan(struct block *block, size_t batch, const float *u, const float *delta, const float *B, const float *C,
                 const float *D, float *y) {
    const size_t t = (size_t)block->p->t, c = (size_t)block->p->c, s = (size_t)block->p->s;
    for (size_t k = 0; k < t; k++) {
        const size_t token = batch * t + k, at = token * c + block->first;
        for (size_t l = 0; l < block->width; l++)
            block->step[l] = delta[at + l];
        if (block->p->softplus_delta)
            for (size_t l = 0; l < LANES; l++)
                block->step[l] = softplus(block->step[l]);
        for (size_t l = 0; l < block->width; l++)
            block->input[l] = block->step[l] * u[at + l];
        update(block, B + token * s, C + token * s);
        for (size_t l = 0; l < block->width; l++)
            y[at + l] = block->read[l] + D[block->first + l] * u[at + l];
    }
}

int selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                   const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last) {
    const size_t b = (size_t)p->b, c = (size_t)p->c, s = (size_t)p->s;
    float *space = malloc((2 * s * LANES + 1) * sizeof *space);
    if (!space)
        return 1;
    for (size_t batch = 0; batch < b; batch++)
        for (size_t first = 0; first < c; first += LANES) {
            struct block block = {.p = p, .first = first, .width = LANES, .A = space, .h = space + s * LANES};
            const size_t states = batch * c * s;
            if (c - first < LANES)
                block.width = c - first;
            load(&block, A, block.A);
            load(&block, h0 ? h0 + states : NULL, block.h);
            scan(&block, batch, u, delta, B, C, D, y);
            for (size_t l = 0; l < block.width; l++)
                for (size_t j = 0; j < s; j++)
                    h_last[states + (first + l) * s + j] = block.h[j * LANES + l];
        }
    free(space);
    return 0;
}
