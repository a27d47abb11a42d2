// expect: passed
// harness: attention-causal
//
// A running softmax over blocks of keys as wide as one vector (16 with AVX-512), for six queries at a time: a block's
// logits of one query are one variable, and all sums stay in registers. The exponential is exp2 on logits in units of
// log 2. Keys are transposed within their block, and values padded to whole vectors, once for each head.
#include "attention-causal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __AVX512F__
enum { BLOCK = 16 };
#else
enum { BLOCK = 8 };
#endif
enum { QUERIES = 6 };

typedef float lanes __attribute__((vector_size(4 * BLOCK)));
typedef int32_t masks __attribute__((vector_size(4 * BLOCK)));

struct running {
    float top[QUERIES], sum[QUERIES];
};

struct job {
    size_t d, width, keys; // width: d rounded up to BLOCK
    int causal;
    float scale; // in units of log 2
    float *k;    // [blocks of keys][d][BLOCK]
    float *v;    // [blocks of keys][BLOCK][width]
};

static size_t round_up(size_t n) {
    return (n + BLOCK - 1) / BLOCK * BLOCK;
}

static lanes load(const float *x) {
    lanes y;
    memcpy(&y, x, sizeof y);
    return y;
}

// 2^x for x <= 0; below 2^-126, minus infinity included, the result is 0.
static inline lanes power_of_two(lanes x) {
    masks gone = x < -126.0f;
    lanes n = (x + 0x1.8p23f) - 0x1.8p23f, r = x - n;
    lanes p = 0.000153533503f * r + 0.00133988878f;
    p = p * r + 0.00961843785f;
    p = p * r + 0.0555033237f;
    p = p * r + 0.240226477f;
    p = p * r + 0.693147182f;
    p = p * r + 1.0f;
    masks bits = (masks)p + (__builtin_convertvector(n, masks) << 23);
    return (lanes)(bits & ~gone);
}

static size_t visible(const struct job *job, size_t query) {
    return job->causal && query + 1 < job->keys ? query + 1 : job->keys;
}

// q is [d][QUERIES]; one load of a block of keys serves all queries.
static void block_logits(const struct job *job, const float *q, const float *keys, lanes s[QUERIES]) {
    lanes sum[QUERIES] = {{0}};
    for (size_t l = 0; l < job->d; l++) {
        lanes key = load(keys + l * BLOCK);
        for (size_t r = 0; r < QUERIES; r++)
            sum[r] += q[l * QUERIES + r] * key;
    }
    for (size_t r = 0; r < QUERIES; r++)
        s[r] = job->scale * sum[r];
}

// Takes `seen` > 0 of the block's keys into the running softmax; returns their weights, 0 for the others.
static lanes take_block(lanes s, size_t seen, float *top, float *sum, float *o, size_t width) {
    float high = *top;
    for (size_t j = seen; j < BLOCK; j++)
        s[j] = -INFINITY;
    for (size_t j = 0; j < BLOCK; j++)
        high = s[j] > high ? s[j] : high;
    lanes weight = power_of_two(s - high);
    float keep = exp2f(*top - high), block = 0.0f;
    for (size_t j = 0; j < BLOCK; j++)
        block += weight[j];
    *sum = *sum * keep + block;
    for (size_t c = 0; c < width && high > *top; c++)
        o[c] *= keep;
    *top = high;
    return weight;
}

static void add_values(const float weight[QUERIES][BLOCK], const float *v, size_t width, float *o) {
    for (size_t c = 0; c < width; c += BLOCK) {
        lanes sum[QUERIES];
        for (size_t r = 0; r < QUERIES; r++)
            sum[r] = load(o + r * width + c);
        for (size_t j = 0; j < BLOCK; j++) {
            lanes value = load(v + j * width + c);
            for (size_t r = 0; r < QUERIES; r++)
                sum[r] += weight[r][j] * value;
        }
        for (size_t r = 0; r < QUERIES; r++)
            memcpy(o + r * width + c, &sum[r], sizeof sum[r]);
    }
}

// Queries [first, first + rows); sums is [QUERIES][width], the unnormalised result.
static void few_queries(const struct job *job, const float *q, size_t first, size_t rows, float *sums, float *o) {
    struct running run = {.sum = {0}};
    for (size_t r = 0; r < QUERIES; r++)
        run.top[r] = -INFINITY;
    memset(sums, 0, QUERIES * job->width * sizeof *sums);
    for (size_t j = 0; j < visible(job, first + rows - 1); j += BLOCK) {
        lanes s[QUERIES];
        float weight[QUERIES][BLOCK] = {{0}};
        block_logits(job, q, job->k + j * job->d, s);
        for (size_t r = 0; r < rows; r++) {
            size_t end = visible(job, first + r), seen = end <= j ? 0 : end - j < BLOCK ? end - j : BLOCK;
            if (seen > 0) {
                lanes w = take_block(s[r], seen, &run.top[r], &run.sum[r], sums + r * job->width, job->width);
                memcpy(weight[r], &w, sizeof w);
            }
        }
        add_values(weight, job->v + j * job->width, job->width, sums);
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < job->d; c++)
            o[r * job->d + c] = run.sum[r] > 0.0f ? sums[r * job->width + c] / run.sum[r] : 0.0f;
}

static void pack_keys(struct job *job, const float *k, const float *v) {
    size_t d = job->d, width = job->width;
    for (size_t j = 0; j < round_up(job->keys); j++) {
        float *key = job->k + j / BLOCK * BLOCK * d + j % BLOCK, *value = job->v + j * width;
        for (size_t l = 0; l < d; l++)
            key[l * BLOCK] = j < job->keys ? k[j * d + l] : 0.0f;
        for (size_t c = 0; c < width; c++)
            value[c] = j < job->keys && c < d ? v[j * d + c] : 0.0f;
    }
}

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    size_t t = (size_t)p->t, d = (size_t)p->d, width = round_up(d);
    struct job job = {.d = d, .width = width, .causal = p->causal, .scale = p->scale * 1.44269504f};
    float *memory = malloc((round_up(t) * (d + width) + QUERIES * (d + width)) * sizeof *memory + 1);
    if (!memory)
        return 1;
    job.k = memory;
    job.v = job.k + round_up(t) * d;
    float *few = job.v + round_up(t) * width, *sums = few + QUERIES * d;
    for (size_t i = 0; i < (size_t)p->b * (size_t)p->h; i++) {
        size_t at = i * t * d;
        job.keys = kv_len ? (size_t)kv_len[i / (size_t)p->h] : t;
        pack_keys(&job, k + at, v + at);
        for (size_t first = 0; first < t; first += QUERIES) {
            size_t rows = t - first < QUERIES ? t - first : QUERIES;
            for (size_t l = 0; l < d; l++)
                for (size_t r = 0; r < QUERIES; r++)
                    few[l * QUERIES + r] = r < rows ? q[at + (first + r) * d + l] : 0.0f;
            few_queries(&job, few, first, rows, sums, o + at + first * d);
        }
    }
    free(memory);
    return 0;
}
