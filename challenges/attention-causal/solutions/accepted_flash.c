// expect: passed
// harness: attention-causal
//
// Online softmax over blocks of keys (Milakov and Gimelshein 2018; Dao et al. 2022): a block of queries keeps a running
// maximum, a running sum and an unnormalised output; when a block of keys raises the maximum, sum and output are
// rescaled. Powers of two instead of e: log2(e) is folded into the queries together with the scale.
//
// Both products run in register tiles of MR x NR written with gcc's vector extension. Keys are transposed and values
// padded once for a head, in panels of NR columns, so that the tiles read memory in order.
#include "attention-causal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __AVX512F__
enum { LANES = 16, MR = 8, NR = 32 };
#else
enum { LANES = 8, MR = 6, NR = 16 };
#endif
enum { WIDE = NR / LANES, GROUPS = 8, QUERIES = MR * GROUPS, KEYS = 256 };

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));

struct head {
    size_t t, d, keys;
    int causal;
    float scale;
    const float *q, *k, *v;
    float *o;
};

struct memory {
    float *k;      // [panels of NR keys][d][NR]
    float *v;      // [panels of NR columns][t][NR]
    float *q;      // [GROUPS][d][MR], scaled
    float *weight; // [GROUPS][KEYS][MR], of the block of keys under work
    float *o;      // [QUERIES][panels * NR], unnormalised
};

static size_t round_up(size_t n, size_t to) {
    return (n + to - 1) / to * to;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static vec load(const float *x) {
    vec y;
    memcpy(&y, x, sizeof y);
    return y;
}

static void store(float *x, vec y) {
    memcpy(x, &y, sizeof y);
}

// out[r][0..NR) (+)= sum_i a[i][r] * b[i][0..NR): the register tile of both products.
static inline __attribute__((always_inline)) void tile(size_t n, const float *a, const float *b, float *out,
                                                       size_t stride, int add) {
    vec sum[MR][WIDE];
    for (size_t r = 0; r < MR; r++)
        for (size_t w = 0; w < WIDE; w++)
            sum[r][w] = add ? load(out + r * stride + w * LANES) : (vec){0};
    for (size_t i = 0; i < n; i++) {
        vec right[WIDE];
        for (size_t w = 0; w < WIDE; w++)
            right[w] = load(b + i * NR + w * LANES);
        for (size_t r = 0; r < MR; r++)
            for (size_t w = 0; w < WIDE; w++)
                sum[r][w] += a[i * MR + r] * right[w];
    }
    for (size_t r = 0; r < MR; r++)
        for (size_t w = 0; w < WIDE; w++)
            store(out + r * stride + w * LANES, sum[r][w]);
}

// 2^x for x <= 0: the integer part goes into the exponent, a polynomial takes the rest. Below 2^-126 gives 0.
static inline vec exp2_negative(vec x) {
    ivec tiny = x < -126.0f;
    vec n = (x + 0x1.8p23f) - 0x1.8p23f, r = x - n;
    vec p = 0.000153533503f * r + 0.00133988878f;
    p = p * r + 0.00961843785f;
    p = p * r + 0.0555033237f;
    p = p * r + 0.240226477f;
    p = p * r + 0.693147182f;
    p = p * r + 1.0f;
    ivec bits = (ivec)p + (__builtin_convertvector(n, ivec) << 23);
    return (vec)(bits & ~tiny);
}

static void pack_head(const struct head *h, struct memory *m) {
    size_t d = h->d, panels = round_up(d, NR) / NR;
    for (size_t j0 = 0; j0 < h->keys; j0 += NR)
        for (size_t l = 0; l < d; l++)
            for (size_t j = 0; j < NR; j++)
                m->k[j0 * d + l * NR + j] = j0 + j < h->keys ? h->k[(j0 + j) * d + l] : 0.0f;
    for (size_t c = 0; c < panels; c++)
        for (size_t j = 0; j < h->keys; j++) {
            size_t columns = smaller(NR, d - c * NR);
            float *to = m->v + (c * h->t + j) * NR;
            memcpy(to, h->v + j * d + c * NR, columns * sizeof *to);
            memset(to + columns, 0, (NR - columns) * sizeof *to);
        }
}

static void pack_queries(const struct head *h, size_t first, size_t rows, float *q) {
    const float factor = h->scale * 1.44269504f;
    for (size_t r = 0; r < QUERIES; r++)
        for (size_t l = 0; l < h->d; l++)
            q[(r / MR * h->d + l) * MR + r % MR] = r < rows ? factor * h->q[(first + r) * h->d + l] : 0.0f;
}

// One row of the block: logits become weights, the running values and the row of o follow. `seen` keys are visible.
static void online_row(float *s, size_t seen, size_t padded, float *top, float *sum, float *o, size_t width) {
    vec high = (vec){0} + *top;
    for (size_t j = seen; j < padded; j++)
        s[j] = -INFINITY;
    for (size_t j = 0; j < padded; j += LANES) {
        vec x = load(s + j);
        ivec more = x > high;
        high = (vec)(((ivec)x & more) | ((ivec)high & ~more));
    }
    float now = *top;
    for (size_t i = 0; i < LANES; i++)
        now = high[i] > now ? high[i] : now;
    vec total = {0};
    for (size_t j = 0; j < padded; j += LANES) {
        vec e = exp2_negative(load(s + j) - now);
        store(s + j, e);
        total += e;
    }
    float keep = exp2f(*top - now), block = 0.0f;
    for (size_t i = 0; i < LANES; i++)
        block += total[i];
    *sum = *sum * keep + block;
    if (now > *top)
        for (size_t c = 0; c < width; c += LANES)
            store(o + c, load(o + c) * keep);
    *top = now;
}

static size_t keys_seen(const struct head *h, size_t query) {
    return h->causal ? smaller(h->keys, query + 1) : h->keys;
}

// MR queries against the keys from j0 on, `last` of which the last query sees.
static void group_block(const struct head *h, struct memory *m, size_t g, size_t first, size_t rows, size_t j0,
                        float *top, float *sum) {
    size_t d = h->d, width = round_up(d, NR), query = first + g * MR;
    size_t here = smaller(MR, rows - g * MR), last = keys_seen(h, query + here - 1);
    if (last <= j0)
        return;
    size_t n = smaller(last - j0, KEYS), padded = round_up(n, NR);
    float logit[MR][KEYS], *weight = m->weight + g * KEYS * MR;
    for (size_t j = 0; j < padded; j += NR)
        tile(d, m->q + g * d * MR, m->k + (j0 + j) * d, &logit[0][j], KEYS, 0);
    for (size_t r = 0; r < here; r++) {
        size_t seen = keys_seen(h, query + r);
        seen = seen > j0 ? smaller(seen - j0, n) : 0;
        if (seen)
            online_row(logit[r], seen, padded, &top[g * MR + r], &sum[g * MR + r], m->o + (g * MR + r) * width, width);
        else
            memset(logit[r], 0, padded * sizeof(float));
    }
    for (size_t j = 0; j < n; j++)
        for (size_t r = 0; r < MR; r++)
            weight[j * MR + r] = r < here ? logit[r][j] : 0.0f;
    for (size_t c = 0; c < width; c += NR)
        tile(n, weight, m->v + c * h->t + j0 * NR, m->o + g * MR * width + c, width, 1);
}

static void queries_run(const struct head *h, struct memory *m, size_t first, size_t rows) {
    float top[QUERIES], sum[QUERIES] = {0};
    size_t d = h->d, width = round_up(d, NR), groups = (rows + MR - 1) / MR;
    for (size_t r = 0; r < QUERIES; r++)
        top[r] = -INFINITY;
    memset(m->o, 0, QUERIES * width * sizeof(float));
    pack_queries(h, first, rows, m->q);
    for (size_t j0 = 0; j0 < keys_seen(h, first + rows - 1); j0 += KEYS)
        for (size_t g = 0; g < groups; g++)
            group_block(h, m, g, first, rows, j0, top, sum);
    for (size_t r = 0; r < rows; r++) {
        float factor = sum[r] > 0.0f ? 1.0f / sum[r] : 0.0f;
        for (size_t c = 0; c < d; c++)
            h->o[(first + r) * d + c] = m->o[r * width + c] * factor;
    }
}

static float *floats(size_t n) {
    return aligned_alloc(64, round_up(n * sizeof(float) + 64, 64));
}

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    size_t t = (size_t)p->t, d = (size_t)p->d, width = round_up(d, NR);
    struct memory m = {.k = floats(round_up(t, NR) * d),
                       .v = floats(t * width),
                       .q = floats(QUERIES * d),
                       .weight = floats(QUERIES * KEYS),
                       .o = floats(QUERIES * width)};
    int failed = !m.k || !m.v || !m.q || !m.weight || !m.o;
    for (size_t i = 0; !failed && i < (size_t)p->b * (size_t)p->h; i++) {
        size_t offset = i * t * d, batch = i / (size_t)p->h;
        struct head h = {t,          d,          kv_len ? (size_t)kv_len[batch] : t,
                         p->causal,  p->scale,   q + offset,
                         k + offset, v + offset, o + offset};
        pack_head(&h, &m);
        for (size_t first = 0; first < t; first += QUERIES)
            queries_run(&h, &m, first, smaller(QUERIES, t - first));
    }
    free(m.k);
    free(m.v);
    free(m.q);
    free(m.weight);
    free(m.o);
    return failed;
}
