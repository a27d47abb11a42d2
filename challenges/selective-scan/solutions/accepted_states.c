// expect: passed
// harness: selective-scan
// The simple one: all channels of a token one after the other, vectors over the states of a channel. With a width that
// the compiler knows, the row of states is one loop without a tail, and the sum across it is short.
#include "selective-scan.h"

#include <math.h>
#include <stdlib.h>

enum { ROW = 16 };

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

// The states of one channel, padded to whole rows: zeros stay zeros.
static float channel(size_t rows, float step, float input, const float *restrict A, const float *restrict B,
                     const float *restrict C, float *restrict h) {
    float sum[ROW] = {0}, total = 0;
    for (size_t r = 0; r < rows; r++, A += ROW, B += ROW, C += ROW, h += ROW)
        for (size_t j = 0; j < ROW; j++) {
            h[j] = fmaf(exp_negative(step * A[j]), h[j], input * B[j]);
            sum[j] = fmaf(C[j], h[j], sum[j]);
        }
    for (size_t half = ROW / 2; half > 0; half /= 2)
        for (size_t j = 0; j < half; j++)
            sum[j] += sum[j + half];
    total += sum[0];
    return total;
}

static void pad(size_t count, size_t s, size_t wide, const float *from, float *to) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < wide; j++)
            to[i * wide + j] = j < s && from ? from[i * s + j] : 0;
}

int selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                   const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last) {
    const size_t b = (size_t)p->b, t = (size_t)p->t, c = (size_t)p->c, s = (size_t)p->s;
    const size_t rows = (s + ROW - 1) / ROW, wide = rows * ROW;
    float *space = malloc((2 * c * wide + 2 * wide + c + 1) * sizeof *space);
    if (!space)
        return 1;
    float *rate = space, *h = rate + c * wide, *in = h + c * wide, *out = in + wide, *step = out + wide;
    pad(c, s, wide, A, rate);
    for (size_t batch = 0; batch < b; batch++) {
        pad(c, s, wide, h0 ? h0 + batch * c * s : NULL, h);
        for (size_t token = batch * t; token < (batch + 1) * t; token++) {
            pad(1, s, wide, B + token * s, in);
            pad(1, s, wide, C + token * s, out);
            for (size_t i = 0; i < c; i++)
                step[i] = p->softplus_delta ? softplus(delta[token * c + i]) : delta[token * c + i];
            for (size_t i = 0; i < c; i++) {
                const float x = u[token * c + i];
                y[token * c + i] =
                    D[i] * x + channel(rows, step[i], step[i] * x, rate + i * wide, in, out, h + i * wide);
            }
        }
        for (size_t i = 0; i < c * s; i++)
            h_last[batch * c * s + i] = h[i / s * wide + i % s];
    }
    free(space);
    return 0;
}
