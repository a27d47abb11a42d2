// expect: passed
// harness: flash-attention
//
// As flash-decoding does it: the keys are cut into parts, each part is a softmax of its own with its maximum, sum and
// output, and the parts are merged at the end. Here they take turns; on a larger machine they would run at the same
// time. Within a part the softmax is online, by blocks of keys. Sixteen queries work side by side, one in each lane.
#include "flash-attention.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { TEAM = 16, KEYS = 64, WIDTH = 256, SIDE_BY_SIDE = 8, PARTS = 3 };

// One number of each of the 16 queries of a team.
typedef float vec __attribute__((vector_size(4 * TEAM)));
typedef int32_t ivec __attribute__((vector_size(4 * TEAM)));

static vec choose(ivec where, vec yes, vec no) {
    return (vec)((where & (ivec)yes) | (~where & (ivec)no));
}

// exp(x) for x <= 0: n = round(x / ln 2) goes into the exponent, a polynomial takes the rest. Below -87 gives 0.
static vec exp_negative(vec x) {
    const ivec tiny = x < -87.0f;
    x = choose(tiny, (vec){0} - 87.0f, x);
    const vec n = (x * 1.44269504f + 0x1.8p23f) - 0x1.8p23f, r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
    vec p = 0.00138888892f * r + 0.00833333377f;
    p = p * r + 0.0416666679f;
    p = p * r + 0.166666672f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    const ivec bits = (ivec)p + (__builtin_convertvector(n, ivec) << 23);
    return (vec)(bits & ~tiny);
}

// Queries with the keys that each of them sees.
struct team {
    vec q[WIDTH];     // scaled
    float one[WIDTH]; // the first of them, padded with zeros
    size_t rows;
    ivec first, end;
    int32_t low, high; // the keys that any of them sees
};

// An unfinished softmax over some of the keys: sum and o are to be multiplied by exp(top).
struct part {
    vec top, sum;
    float o[TEAM][WIDTH];
};

// A query alone would leave 15 of 16 lanes empty, so here the lanes are those of the width.
static float dot(const float *q, const float *k, size_t d) {
    vec sum = {0}, other;
    float part[TEAM] = {0};
    for (size_t l = 0; l < d; l += TEAM) {
        vec mine;
        memcpy(&mine, q + l, sizeof mine);
        if (l + TEAM <= d) {
            memcpy(&other, k + l, sizeof other);
        } else {
            memcpy(part, k + l, (d - l) * sizeof *k);
            memcpy(&other, part, sizeof other);
        }
        sum += mine * other;
    }
    memcpy(part, &sum, sizeof part);
    for (size_t half = TEAM / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            part[i] += part[i + half];
    return part[0];
}

// s[j] = the logits of n keys with all queries of the team; -infinity where a key is hidden from one. `key` is the
// position of the first of them.
static void logits(const struct team *t, const float *k, size_t d, int32_t key, size_t n, vec *s) {
    for (size_t j = 0; j < n && t->rows == 1; j++) {
        s[j] = (vec){0} - INFINITY;
        s[j][0] = dot(t->one, k + j * d, d);
    }
    for (size_t j = 0; j < n && t->rows > 1; j += SIDE_BY_SIDE) {
        vec sum[SIDE_BY_SIDE] = {0};
        const float *row[SIDE_BY_SIDE];
        for (size_t i = 0; i < SIDE_BY_SIDE; i++)
            row[i] = k + (j + i < n ? j + i : n - 1) * d;
        for (size_t l = 0; l < d; l++)
            for (size_t i = 0; i < SIDE_BY_SIDE; i++)
                sum[i] += row[i][l] * t->q[l];
        for (size_t i = 0; i < SIDE_BY_SIDE && j + i < n; i++) {
            const ivec at = (ivec){0} + (key + (int32_t)(j + i));
            s[j + i] = choose((at >= t->first) & (at < t->end), sum[i], (vec){0} - INFINITY);
        }
    }
}

// o += sum_j s[j] v[j] of one query, four values for each pass over its output.
static void add_values(const vec *s, size_t query, const float *restrict v, size_t d, size_t n, float *restrict o) {
    size_t j = 0;
    for (; j + 4 <= n; j += 4) {
        const float *v0 = v + j * d, *v1 = v0 + d, *v2 = v1 + d, *v3 = v2 + d;
        const float s0 = s[j][query], s1 = s[j + 1][query], s2 = s[j + 2][query], s3 = s[j + 3][query];
        for (size_t c = 0; c < d; c++)
            o[c] += (s0 * v0[c] + s1 * v1[c]) + (s2 * v2[c] + s3 * v3[c]);
    }
    for (; j < n; j++)
        for (size_t c = 0; c < d; c++)
            o[c] += s[j][query] * v[j * d + c];
}

static int32_t clamp(int64_t x, int64_t low, int64_t high) {
    return (int32_t)(x < low ? low : x < high ? x : high);
}

// `rows` queries from `query` on; the other lanes see no key.
static void team_begin(struct team *t, const struct flash_params *p, size_t query, size_t rows, const float *q) {
    const size_t d = (size_t)p->d;
    *t = (struct team){.low = p->tk, .rows = rows};
    for (size_t r = 0; r < rows; r++) {
        const int64_t last = (int64_t)(query + r) + p->q_offset;
        t->end[r] = clamp(last + 1, 0, p->tk);
        t->first[r] = clamp(p->window > 0 ? last - p->window + 1 : 0, 0, t->end[r]);
        if (t->first[r] < t->end[r]) {
            t->low = t->first[r] < t->low ? t->first[r] : t->low;
            t->high = t->end[r] > t->high ? t->end[r] : t->high;
        }
        for (size_t l = 0; l < d; l++)
            t->q[l][r] = p->scale * q[r * d + l];
    }
    for (size_t l = 0; l < d; l++)
        t->one[l] = t->q[l][0];
}

// Before its first key a query's top is -infinity, and there is nothing that a new one would change.
static void absorb(struct part *part, vec *s, size_t n, size_t d) {
    vec high = part->top, total = {0};
    for (size_t j = 0; j < n; j++)
        high = choose(s[j] > high, s[j], high);
    const vec shift = choose(high > -INFINITY, high, (vec){0}), keep = exp_negative(part->top - shift);
    for (size_t j = 0; j < n; j++) {
        s[j] = exp_negative(s[j] - shift);
        total += s[j];
    }
    part->sum = part->sum * keep + total;
    for (size_t r = 0; r < TEAM; r++)
        for (size_t c = 0; c < d && high[r] > part->top[r]; c++)
            part->o[r][c] *= keep[r];
    part->top = high;
}

static void part_run(struct part *part, const struct team *t, const float *k, const float *v, size_t d, size_t rows,
                     int32_t low, int32_t high) {
    vec s[KEYS];
    part->top = (vec){0} - INFINITY;
    part->sum = (vec){0};
    for (size_t r = 0; r < rows; r++)
        memset(part->o[r], 0, d * sizeof part->o[r][0]);
    for (int32_t key = low; key < high; key += KEYS) {
        const size_t n = high - key < KEYS ? (size_t)(high - key) : KEYS;
        logits(t, k + (size_t)key * d, d, key, n, s);
        absorb(part, s, n, d);
        for (size_t r = 0; r < rows; r++)
            add_values(s, r, v + (size_t)key * d, d, n, part->o[r]);
    }
}

static void merge(const struct part *part, size_t d, size_t rows, float *o, float *lse) {
    vec top = part[0].top, sum = {0}, weight[PARTS];
    for (size_t i = 1; i < PARTS; i++)
        top = choose(part[i].top > top, part[i].top, top);
    const vec shift = choose(top > -INFINITY, top, (vec){0});
    for (size_t i = 0; i < PARTS; i++) {
        weight[i] = exp_negative(part[i].top - shift); // 0 for a part without keys
        sum += weight[i] * part[i].sum;
    }
    for (size_t r = 0; r < rows; r++) {
        lse[r] = sum[r] > 0.0f ? top[r] + logf(sum[r]) : -INFINITY;
        memset(o + r * d, 0, d * sizeof *o);
        for (size_t i = 0; i < PARTS && sum[r] > 0.0f; i++)
            for (size_t c = 0; c < d; c++)
                o[r * d + c] += weight[i][r] / sum[r] * part[i].o[r][c];
    }
}

int flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o,
                    float *lse) {
    const size_t tq = (size_t)p->tq, d = (size_t)p->d;
    for (size_t row = 0, rows; row < (size_t)p->h * tq; row += rows) {
        const size_t query = row % tq, head = row / tq * (size_t)p->tk * d;
        struct team t;
        struct part part[PARTS];
        rows = tq - query < TEAM ? tq - query : TEAM;
        team_begin(&t, p, query, rows, q + row * d);
        const int32_t seen = t.high > t.low ? t.high - t.low : 0, share = (seen + PARTS - 1) / PARTS;
        for (int32_t i = 0; i < PARTS; i++) {
            const int32_t low = clamp((int64_t)t.low + i * share, 0, t.high);
            part_run(&part[i], &t, k + head, v + head, d, rows, low, clamp((int64_t)low + share, 0, t.high));
        }
        merge(part, d, rows, o + row * d, lse + row);
    }
    return 0;
}
