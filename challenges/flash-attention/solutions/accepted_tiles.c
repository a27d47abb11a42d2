// expect: passed
// harness: flash-attention
//
// Online softmax in register tiles. 64 queries lie side by side, one in each lane, so maximum, numerators and sums of a
// block of keys need no operation across lanes, and neither keys nor values have to be copied: their numbers are
// broadcast, or loaded in the order in which they lie. Powers of two instead of e: log2(e) is folded into the queries
// together with the scale.
//
// A few queries alone (decoding) would leave most lanes empty; there the lanes are those of the width.
#include "flash-attention.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#ifdef __AVX512F__
enum { LANES = 16, KEY_TILE = 6, KEY_WIDE = 4, QUERY_TILE = 8 };
#else
enum { LANES = 8, KEY_TILE = 4, KEY_WIDE = 2, QUERY_TILE = 4 };
#endif
enum { WIDE = 2, COLUMNS = WIDE * LANES, QUERIES = 64, GROUPS = QUERIES / LANES, KEYS = 128, WIDTH = 256, FEW = 6 };

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));

struct head {
    const struct flash_params *p;
    size_t d;
    float factor; // scale * log2(e)
    const float *q, *k, *v;
    float *o, *lse;
};

struct span {
    int32_t first, end;
};

// All the memory there is: 176 KiB.
struct block {
    float q[WIDTH * QUERIES]; // [d][QUERIES], scaled
    float o[QUERIES * WIDTH]; // [QUERIES][panels * COLUMNS], not yet divided by the sum
    float s[KEYS * QUERIES];  // [KEYS][QUERIES]: logits, then numerators
    float tail[KEYS * COLUMNS];
    float keep[QUERIES];
    vec top[GROUPS], sum[GROUPS];
};

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

static vec choose(ivec where, vec yes, vec no) {
    return (vec)((where & (ivec)yes) | (~where & (ivec)no));
}

// 2^x for x <= 0: the integer part goes into the exponent, a polynomial takes the rest. Below 2^-126 gives 0.
static inline vec exp2_negative(vec x) {
    const ivec tiny = x < -126.0f;
    const vec n = (x + 0x1.8p23f) - 0x1.8p23f, r = x - n;
    vec p = 0.000153533503f * r + 0.00133988878f;
    p = p * r + 0.00961843785f;
    p = p * r + 0.0555033237f;
    p = p * r + 0.240226477f;
    p = p * r + 0.693147182f;
    p = p * r + 1.0f;
    const ivec bits = (ivec)p + (__builtin_convertvector(n, ivec) << 23);
    return (vec)(bits & ~tiny);
}

// Positions are 64 bits wide: q_offset may be anywhere, and the sum must not wrap.
static struct span visible(const struct flash_params *p, int64_t query) {
    const int64_t last = query + p->q_offset, back = p->window > 0 ? last - p->window + 1 : 0;
    const int64_t end = last < 0 ? 0 : last < p->tk ? last + 1 : p->tk;
    const int64_t first = back < 0 ? 0 : back < end ? back : end;
    return (struct span){(int32_t)first, (int32_t)end};
}

// s[j][QUERIES] of KEY_TILE keys. Behind the last key its row is read again and nothing is stored.
static void logit_tile(const struct block *b, const float *k, size_t d, size_t keys, size_t column, float *s) {
    vec sum[KEY_TILE][KEY_WIDE] = {0};
    const float *row[KEY_TILE];
    for (size_t r = 0; r < KEY_TILE; r++)
        row[r] = k + smaller(r, keys - 1) * d;
    for (size_t l = 0; l < d; l++) {
        vec right[KEY_WIDE];
        for (size_t w = 0; w < KEY_WIDE; w++)
            right[w] = load(b->q + l * QUERIES + column + w * LANES);
        for (size_t r = 0; r < KEY_TILE; r++)
            for (size_t w = 0; w < KEY_WIDE; w++)
                sum[r][w] += row[r][l] * right[w];
    }
    for (size_t r = 0; r < KEY_TILE; r++)
        for (size_t w = 0; w < KEY_WIDE && r < keys; w++)
            store(s + r * QUERIES + column + w * LANES, sum[r][w]);
}

// o[r][c] += sum_j s[j][r] v[j][c] for QUERY_TILE queries and COLUMNS columns.
static void value_tile(size_t n, const float *s, const float *v, size_t stride, float *o, size_t width) {
    vec sum[QUERY_TILE][WIDE];
    for (size_t r = 0; r < QUERY_TILE; r++)
        for (size_t w = 0; w < WIDE; w++)
            sum[r][w] = load(o + r * width + w * LANES);
    for (size_t j = 0; j < n; j++) {
        vec right[WIDE];
        for (size_t w = 0; w < WIDE; w++)
            right[w] = load(v + j * stride + w * LANES);
        for (size_t r = 0; r < QUERY_TILE; r++)
            for (size_t w = 0; w < WIDE; w++)
                sum[r][w] += s[j * QUERIES + r] * right[w];
    }
    for (size_t r = 0; r < QUERY_TILE; r++)
        for (size_t w = 0; w < WIDE; w++)
            store(o + r * width + w * LANES, sum[r][w]);
}

// The logits of n keys from key on become numerators; hidden ones, which are -infinity from here on, become 0.
static void absorb_logits(const struct flash_params *p, struct block *b, size_t query, size_t key, size_t n,
                          int masked) {
    for (size_t g = 0; g < GROUPS; g++) {
        float *s = b->s + g * LANES;
        vec high = b->top[g], total = {0};
        ivec first = {0}, end = {0};
        for (size_t i = 0; i < LANES && masked; i++) {
            const struct span span = visible(p, (int64_t)(query + g * LANES + i));
            first[i] = span.first - (int32_t)key, end[i] = span.end - (int32_t)key;
        }
        for (size_t j = 0; j < n; j++) {
            vec x = load(s + j * QUERIES);
            if (masked) {
                const ivec at = (ivec){0} + (int32_t)j;
                x = choose((at >= first) & (at < end), x, (vec){0} - INFINITY);
                store(s + j * QUERIES, x);
            }
            high = choose(x > high, x, high);
        }
        const vec shift = choose(high > -INFINITY, high, (vec){0}); // a query that has seen no key yet
        for (size_t j = 0; j < n; j++) {
            const vec e = exp2_negative(load(s + j * QUERIES) - shift);
            store(s + j * QUERIES, e);
            total += e;
        }
        const vec keep = exp2_negative(b->top[g] - shift);
        store(b->keep + g * LANES, keep);
        b->sum[g] = b->sum[g] * keep + total;
        b->top[g] = high;
    }
}

static void absorb_values(const struct head *h, struct block *b, size_t rows, size_t key, size_t n, size_t width) {
    const size_t d = h->d, whole = d / COLUMNS * COLUMNS;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width && b->keep[r] != 1.0f; c += LANES)
            store(b->o + r * width + c, load(b->o + r * width + c) * b->keep[r]);
    for (size_t j = 0; j < n && whole < d; j++) {
        memcpy(b->tail + j * COLUMNS, h->v + (key + j) * d + whole, (d - whole) * sizeof(float));
        memset(b->tail + j * COLUMNS + d - whole, 0, (COLUMNS - (d - whole)) * sizeof(float));
    }
    for (size_t c = 0; c < width; c += COLUMNS) {
        const float *v = c < whole ? h->v + key * d + c : b->tail;
        for (size_t r = 0; r < rows; r += QUERY_TILE)
            value_tile(n, b->s + r, v, c < whole ? d : COLUMNS, b->o + r * width + c, width);
    }
}

static void block_finish(const struct head *h, const struct block *b, size_t first, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++) {
        const float top = b->top[r / LANES][r % LANES], sum = b->sum[r / LANES][r % LANES];
        const float factor = sum > 0.0f ? 1.0f / sum : 0.0f;
        for (size_t c = 0; c < h->d; c++)
            h->o[(first + r) * h->d + c] = b->o[r * width + c] * factor;
        h->lse[first + r] = sum > 0.0f ? 0.693147181f * top + logf(sum) : -INFINITY;
    }
}

static void block_run(const struct head *h, size_t first, size_t rows) {
    struct block b;
    const size_t d = h->d, width = (d + COLUMNS - 1) / COLUMNS * COLUMNS;
    const struct span low = visible(h->p, (int64_t)first), high = visible(h->p, (int64_t)(first + rows - 1));
    memset(b.o, 0, QUERIES * width * sizeof(float));
    for (size_t g = 0; g < GROUPS; g++)
        b.top[g] = (vec){0} - INFINITY, b.sum[g] = (vec){0};
    for (size_t l = 0; l < d; l++)
        for (size_t r = 0; r < QUERIES; r++)
            b.q[l * QUERIES + r] = r < rows ? h->factor * h->q[(first + r) * d + l] : 0.0f;
    for (size_t key = (size_t)low.first; key < (size_t)high.end;) {
        const size_t n = smaller(KEYS - key % KEYS, (size_t)high.end - key);
        const int masked = key < (size_t)high.first || key + n > (size_t)low.end;
        for (size_t j = 0; j < n; j += KEY_TILE)
            for (size_t c = 0; c < QUERIES; c += KEY_WIDE * LANES)
                logit_tile(&b, h->k + (key + j) * d, d, smaller(KEY_TILE, n - j), c, b.s + j * QUERIES);
        absorb_logits(h->p, &b, first, key, n, masked);
        absorb_values(h, &b, rows, key, n, width);
        key += n;
    }
    block_finish(h, &b, first, rows, width);
}

// The sum of q[l]*k[l]: partial sums in the lanes, folded at the end.
static inline float dot(const float *q, const float *k, size_t d) {
    vec sum = {0};
    size_t l = 0;
    for (; l + LANES <= d; l += LANES)
        sum += load(q + l) * load(k + l);
    float total = 0.0f, part[LANES];
    for (; l < d; l++)
        total += q[l] * k[l];
    store(part, sum);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            part[i] += part[i + half];
    return total + part[0];
}

static void add_values(const float *s, const float *restrict v, size_t d, size_t n, float *restrict o) {
    for (size_t j = 0; j < n; j += 4) { // behind the last key the numerators are 0
        const float *v1 = v + smaller(j + 1, n - 1) * d, *v2 = v + smaller(j + 2, n - 1) * d;
        const float *v3 = v + smaller(j + 3, n - 1) * d, *v0 = v + j * d;
        for (size_t c = 0; c < d; c++)
            o[c] += (s[j] * v0[c] + s[j + 1] * v1[c]) + (s[j + 2] * v2[c] + s[j + 3] * v3[c]);
    }
}

static void query_run(const struct head *h, size_t query) {
    const struct span span = visible(h->p, (int64_t)query);
    const size_t d = h->d;
    float *o = h->o + query * d, top = -INFINITY, sum = 0.0f, s[KEYS];
    memset(o, 0, d * sizeof *o);
    for (size_t key = (size_t)span.first, n; key < (size_t)span.end; key += n) {
        n = smaller(KEYS, (size_t)span.end - key);
        float high = top, part[LANES];
        vec total = {0};
        for (size_t j = 0; j < n; j++) {
            s[j] = h->factor * dot(h->q + query * d, h->k + (key + j) * d, d);
            high = s[j] > high ? s[j] : high;
        }
        for (size_t j = n; j % LANES != 0; j++)
            s[j] = -INFINITY;
        for (size_t j = 0; j < n; j += LANES) {
            const vec e = exp2_negative(load(s + j) - high);
            store(s + j, e);
            total += e;
        }
        const float keep = exp2f(top - high);
        for (size_t c = 0; c < d && keep != 1.0f; c++)
            o[c] *= keep;
        store(part, total);
        sum *= keep;
        for (size_t i = 0; i < LANES; i++)
            sum += part[i];
        add_values(s, h->v + key * d, d, n, o);
        top = high;
    }
    for (size_t c = 0; c < d; c++)
        o[c] *= sum > 0.0f ? 1.0f / sum : 0.0f;
    h->lse[query] = sum > 0.0f ? 0.693147181f * top + logf(sum) : -INFINITY;
}

int flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o,
                    float *lse) {
    const size_t tq = (size_t)p->tq, d = (size_t)p->d;
    for (size_t i = 0; i < (size_t)p->h; i++) {
        const size_t queries = i * tq, keys = i * (size_t)p->tk * d;
        const struct head h = {p,        d,        1.44269504f * p->scale, q + queries * d,
                               k + keys, v + keys, o + queries * d,        lse + queries};
        for (size_t first = 0; first < tq; first += QUERIES)
            if (tq <= FEW)
                for (size_t query = 0; query < tq; query++)
                    query_run(&h, query);
            else
                block_run(&h, first, smaller(QUERIES, tq - first));
    }
    return 0;
}
