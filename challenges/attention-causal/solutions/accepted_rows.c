// expect: passed
// harness: attention-causal
//
// Two passes over whole rows, in plain loops that gcc vectorises: all logits of a few queries, their exact maximum,
// the exponentials, then the weighted values. The queries are scaled beforehand, the keys run from the last to the
// first, so the rounding is another than that of a solution that scales the logits and sums upwards.
//
// Both products are made of one step, out += a0*x0 + a1*x1 + a2*x2 + a3*x3 on contiguous rows, for which the keys are
// transposed once for each head.
#include "attention-causal.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 16, SPAN = 512 };

// Rows that lie a power of two apart share the same few sets of the first-level cache; an odd number of lines apart
// they do not.
static size_t row_stride(size_t t) {
    return t / 32 * 32 + 48;
}

// Four rows of the result share the loads of the four rows x, `stride` apart; their factors are `next` apart.
static void step4(size_t n, const float *x, size_t stride, const float *a, size_t next, float *restrict to_a,
                  float *restrict to_b, float *restrict to_c, float *restrict to_d) {
    const float *x1 = x + stride, *x2 = x1 + stride, *x3 = x2 + stride;
    const float *b = a + next, *c = b + next, *d = c + next;
    const float a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
    const float c0 = c[0], c1 = c[1], c2 = c[2], c3 = c[3], d0 = d[0], d1 = d[1], d2 = d[2], d3 = d[3];
    for (size_t i = 0; i < n; i++) {
        to_a[i] += a0 * x[i] + a1 * x1[i] + a2 * x2[i] + a3 * x3[i];
        to_b[i] += b0 * x[i] + b1 * x1[i] + b2 * x2[i] + b3 * x3[i];
        to_c[i] += c0 * x[i] + c1 * x1[i] + c2 * x2[i] + c3 * x3[i];
        to_d[i] += d0 * x[i] + d1 * x1[i] + d2 * x2[i] + d3 * x3[i];
    }
}

// exp(x) for x <= 0, after Cody and Waite; the bits of the integer part become the exponent.
static inline float exp_negative(float x) {
    x = x > -87.0f ? x : -87.0f;
    union {
        float f;
        uint32_t bits;
    } shifted = {.f = x * 1.44269504f + 0x1.8p23f}, power;
    float n = shifted.f - 0x1.8p23f;
    float r = x - n * 0.693145752f - n * 1.42860677e-6f;
    float p = 1.38152961e-3f;
    p = p * r + 8.36870074e-3f;
    p = p * r + 4.16683704e-2f;
    p = p * r + 1.66665211e-1f;
    p = p * r + 4.99999940e-1f;
    p = p * r * r + r;
    power.bits = (shifted.bits << 23) + 0x3f800000u;
    return p * power.f + power.f;
}

// The largest of n > 0 numbers in eight strands, because one strand of comparisons is not vectorised in strict C.
static float largest(const float *s, size_t n) {
    float lane[8], top;
    for (size_t l = 0; l < 8; l++)
        lane[l] = s[0];
    size_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (size_t l = 0; l < 8; l++)
            lane[l] = s[j + l] > lane[l] ? s[j + l] : lane[l];
    top = lane[0];
    for (size_t l = 1; l < 8; l++)
        top = lane[l] > top ? lane[l] : top;
    for (; j < n; j++)
        top = s[j] > top ? s[j] : top;
    return top;
}

// Logits become numerators, zero beyond `seen`; returns one over their sum, 0 when nothing is seen.
static float soften(float *s, size_t seen, size_t end) {
    memset(s + seen, 0, (end - seen) * sizeof *s);
    if (seen == 0)
        return 0.0f;
    float top = largest(s, seen), lane[8] = {0}, sum = 0.0f;
    for (size_t j = 0; j < seen; j++)
        s[j] = exp_negative(s[j] - top);
    size_t j = 0;
    for (; j + 8 <= seen; j += 8)
        for (size_t l = 0; l < 8; l++)
            lane[l] += s[j + l];
    for (; j < seen; j++)
        lane[j % 8] += s[j];
    for (size_t l = 0; l < 8; l++)
        sum += lane[l];
    return 1.0f / sum;
}

// `rows` queries (a multiple of four, zero-padded) against keys [0, end); s is [ROWS][stride].
static void logits(const float *q, size_t rows, size_t depth, const float *turned, size_t stride, size_t end,
                   float *s) {
    memset(s, 0, rows * stride * sizeof *s);
    for (size_t j = 0; j < end; j += SPAN) {
        size_t n = end - j < SPAN ? end - j : SPAN;
        for (size_t l = 0; l < depth; l += 4)
            for (size_t r = 0; r < rows; r += 4) {
                float *to = s + r * stride + j;
                step4(n, turned + l * stride + j, stride, q + r * depth + l, depth, to, to + stride, to + 2 * stride,
                      to + 3 * stride);
            }
    }
}

// The last keys first. `end` is a multiple of four: the weights beyond the mask are zero and so are the padding rows.
static void values(const float *s, size_t stride, size_t rows, const float *v, size_t d, size_t end, float *sum) {
    memset(sum, 0, rows * d * sizeof *sum);
    for (size_t j = end; j > 0; j -= 4)
        for (size_t r = 0; r < rows; r += 4)
            step4(d, v + (j - 4) * d, d, s + r * stride + j - 4, stride, sum + r * d, sum + (r + 1) * d,
                  sum + (r + 2) * d, sum + (r + 3) * d);
}

struct memory {
    float *turned; // [depth][stride]: keys transposed, depth = d rounded up to 4, stride = row_stride(t)
    float *v;      // [stride][d]: values, zero beyond the visible keys
    float *q;      // [ROWS][depth], scaled
    float *s;      // [ROWS][stride]
    float *sum;    // [ROWS][d]
};

static void head(const struct attention_params *p, size_t keys, const float *q, const float *k, const float *v,
                 struct memory *m, float *o) {
    size_t t = (size_t)p->t, d = (size_t)p->d, depth = (d + 3) / 4 * 4, stride = row_stride(t);
    memset(m->turned, 0, depth * stride * sizeof(float));
    for (size_t j = 0; j < keys; j++)
        for (size_t l = 0; l < d; l++)
            m->turned[l * stride + j] = k[j * d + l];
    memcpy(m->v, v, keys * d * sizeof(float));
    memset(m->v + keys * d, 0, (stride - keys) * d * sizeof(float));
    for (size_t first = 0; first < t; first += ROWS) {
        size_t rows = t - first < ROWS ? t - first : ROWS, padded = (rows + 3) / 4 * 4, seen[ROWS], end = 0;
        memset(m->q, 0, ROWS * depth * sizeof(float));
        for (size_t r = 0; r < rows; r++) {
            for (size_t l = 0; l < d; l++)
                m->q[r * depth + l] = p->scale * q[(first + r) * d + l];
            seen[r] = p->causal && first + r + 1 < keys ? first + r + 1 : keys;
            end = (seen[r] + 3) / 4 * 4;
        }
        float factor[ROWS];
        logits(m->q, padded, depth, m->turned, stride, end, m->s);
        for (size_t r = 0; r < rows; r++)
            factor[r] = soften(m->s + r * stride, seen[r], end);
        values(m->s, stride, padded, m->v, d, end, m->sum);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < d; c++)
                o[(first + r) * d + c] = factor[r] * m->sum[r * d + c];
    }
}

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    size_t t = (size_t)p->t, d = (size_t)p->d, depth = (d + 3) / 4 * 4, stride = row_stride(t);
    float *memory = malloc((depth * stride + stride * d + ROWS * (depth + stride + d)) * sizeof *memory + 1);
    if (!memory)
        return 1;
    struct memory m = {.turned = memory};
    m.v = m.turned + depth * stride;
    m.q = m.v + stride * d;
    m.s = m.q + ROWS * depth;
    m.sum = m.s + ROWS * stride;
    for (size_t i = 0; i < (size_t)p->b * (size_t)p->h; i++)
        head(p, kv_len ? (size_t)kv_len[i / (size_t)p->h] : t, q + i * t * d, k + i * t * d, v + i * t * d, &m,
             o + i * t * d);
    free(memory);
    return 0;
}
