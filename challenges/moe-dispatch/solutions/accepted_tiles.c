// expect: passed
// harness: moe-dispatch
//
// The slots say where a token goes: the kept choices of expert i lie behind those of the experts before it, in the
// order of their slots, so no sorting is needed. The tokens of an expert are gathered in blocks and go through two
// matrix products in register tiles of MR x NR (gcc's vector extension), for which NR columns of the weights at a time
// are copied side by side. A block of few tokens leaves the weights where they are and reads them once, in order,
// asking for them ahead of time.
#include "moe-dispatch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __AVX512F__
enum { LANES = 16, MR = 8, NR = 32 };
#else
enum { LANES = 8, MR = 6, NR = 16 };
#endif
enum { WIDE = NR / LANES, ROWS = 32 * MR, FEW = 4, AHEAD = 2048 };

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));

struct memory {
    float *x, *h, *o; // [ROWS][d], [ROWS][f], [ROWS][d], rows padded
    float *panel;     // [d or f][NR]
    float *logits;    // [n][e], columns padded
    float *p, *share; // [e]
    int32_t *queue, *front;
    size_t *first, *order;
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

// exp(x) for x <= 0 as 2^n * 2^r; below -87 it is 0.
static inline vec exp_negative(vec x) {
    const ivec tiny = x < -87.0f;
    const vec n = (x * 1.44269504f + 0x1.8p23f) - 0x1.8p23f, r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    vec p = 1.98756915e-4f * r + 1.39819995e-3f;
    p = p * r + 8.33345019e-3f;
    p = p * r + 4.16657960e-2f;
    p = p * r + 1.66666655e-1f;
    p = p * r + 5.00000012e-1f;
    p = p * r * r + r + 1.0f;
    const ivec bits = (ivec)p + (__builtin_convertvector(n, ivec) << 23);
    return (vec)(bits & ~tiny);
}

static vec silu(vec z) {
    const ivec sign = (ivec)z & INT32_MIN;
    const vec small = exp_negative((vec)((ivec)z | INT32_MIN)); // exp(-|z|)
    const vec numerator = (vec)(((ivec)small & (sign >> 31)) | ((ivec)((vec){0} + 1.0f) & ~(sign >> 31)));
    return z * numerator / (1.0f + small);
}

// out[r][0..NR) = a[r][0..n) * b[n][NR].
static inline __attribute__((always_inline)) void tile(size_t n, const float *a, size_t a_stride, const float *b,
                                                       float *out, size_t out_stride, int with_silu) {
    vec sum[MR][WIDE];
    for (size_t r = 0; r < MR; r++)
        for (size_t w = 0; w < WIDE; w++)
            sum[r][w] = (vec){0};
    for (size_t i = 0; i < n; i++) {
        vec right[WIDE];
        for (size_t w = 0; w < WIDE; w++)
            right[w] = load(b + i * NR + w * LANES);
        for (size_t r = 0; r < MR; r++)
            for (size_t w = 0; w < WIDE; w++)
                sum[r][w] += a[r * a_stride + i] * right[w];
    }
    for (size_t r = 0; r < MR; r++)
        for (size_t w = 0; w < WIDE; w++)
            store(out + r * out_stride + w * LANES, with_silu ? silu(sum[r][w]) : sum[r][w]);
}

// out[rows][columns, padded] = a[rows, padded][n] * b[n][columns].
static void product(size_t rows, size_t n, size_t columns, const float *a, size_t a_stride, const float *b, float *out,
                    int with_silu, float *panel) {
    const size_t stride = round_up(columns, NR);
    for (size_t c = 0; c < columns; c += NR) {
        const size_t width = smaller(NR, columns - c);
        for (size_t i = 0; i < n; i++) {
            memcpy(panel + i * NR, b + i * columns + c, width * sizeof *panel);
            memset(panel + i * NR + width, 0, (NR - width) * sizeof *panel);
        }
        for (size_t r = 0; r < rows; r += MR)
            if (with_silu)
                tile(n, a + r * a_stride, a_stride, panel, out + r * stride + c, stride, 1);
            else
                tile(n, a + r * a_stride, a_stride, panel, out + r * stride + c, stride, 0);
    }
}

// The same for a few rows.
static void few_rows(size_t rows, size_t n, size_t columns, const float *a, size_t a_stride, const float *b, float *out,
                     int with_silu) {
    const size_t stride = round_up(columns, NR);
    memset(out, 0, rows * stride * sizeof *out);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (size_t c = 0; c < 4 * columns; c += 16)
            __builtin_prefetch(b + i * columns + AHEAD + c);
        for (size_t r = 0; r < rows; r++) {
            const float *from = b + i * columns, *by = a + r * a_stride + i;
            float *restrict to = out + r * stride;
            for (size_t c = 0; c < columns; c++)
                to[c] += (by[0] * from[c] + by[1] * from[columns + c]) +
                         (by[2] * from[2 * columns + c] + by[3] * from[3 * columns + c]);
        }
    }
    for (; i < n; i++)
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++)
                out[r * stride + c] += a[r * a_stride + i] * b[i * columns + c];
    for (size_t c = 0; with_silu && c < rows * stride; c += LANES)
        store(out + c, silu(load(out + c)));
}

static void router(const struct moe_params *p, const float *x, const float *wr, struct memory *m) {
    const size_t n = (size_t)p->n, d = (size_t)p->d, e = (size_t)p->e, stride = round_up(e, NR);
    for (size_t t = 0; t < n; t += ROWS) {
        const size_t rows = smaller(ROWS, n - t);
        memcpy(m->x, x + t * d, rows * d * sizeof *x);
        product(rows, d, e, m->x, d, wr, m->logits + t * stride, 0, m->panel);
    }
}

// Into a list that is kept in order; equal logits stay in the order of their index.
static void choose(const float *logits, size_t e, size_t k, int32_t *choice) {
    size_t held = 0;
    for (size_t i = 0; i < e; i++) {
        size_t j = held;
        if (held == k && logits[i] <= logits[choice[k - 1]])
            continue;
        if (held < k)
            held++;
        else
            j--;
        for (; j > 0 && logits[i] > logits[choice[j - 1]]; j--)
            choice[j] = choice[j - 1];
        choice[j] = (int32_t)i;
    }
}

static int32_t largest(const float *logits, size_t e) {
    size_t best = 0;
    for (size_t i = 1; i < e; i++)
        if (logits[i] > logits[best])
            best = i;
    return (int32_t)best;
}

static float softmax(const float *logits, size_t e, float max, float *p) {
    float sum = 0;
    for (size_t i = 0; i < e; i += LANES) {
        const size_t width = smaller(LANES, e - i);
        float part[LANES] = {0};
        for (size_t l = 0; l < width; l++)
            part[l] = logits[i + l] - max;
        store(part, exp_negative(load(part)));
        for (size_t l = 0; l < width; l++)
            sum += p[i + l] = part[l];
    }
    return sum;
}

static void route_token(const struct moe_params *p, const float *logits, struct memory *m, int32_t *expert,
                        int32_t *slot, float *gate) {
    const size_t e = (size_t)p->e, k = (size_t)p->k;
    const int32_t best = largest(logits, e);
    if (k > 0)
        choose(logits, e, k, expert);
    const float sum = softmax(logits, e, logits[best], m->p);
    float chosen = 0;
    for (size_t j = 0; j < k; j++)
        chosen += m->p[expert[j]];
    for (size_t j = 0; j < k; j++) {
        gate[j] = m->p[expert[j]] / (p->renorm ? chosen : sum);
        const int32_t place = m->queue[expert[j]]++;
        slot[j] = place < p->capacity ? place : -1;
    }
    m->front[best]++;
    for (size_t i = 0; i < e; i++)
        m->share[i] += m->p[i] / sum;
}

static float balance(const struct moe_params *p, const struct memory *m) {
    float aux = 0;
    for (int32_t i = 0; i < p->e && p->n > 0; i++)
        aux += (float)m->front[i] / (float)p->n * (m->share[i] / (float)p->n);
    return (float)p->e * aux;
}

static void dispatch(const struct moe_params *p, struct memory *m, const int32_t *expert, const int32_t *slot) {
    const size_t e = (size_t)p->e, choices = (size_t)p->n * (size_t)p->k;
    for (size_t i = 0; i < e; i++)
        m->first[i + 1] = m->first[i] + (size_t)(m->queue[i] < p->capacity ? m->queue[i] : p->capacity);
    for (size_t c = 0; c < choices; c++)
        if (slot[c] >= 0)
            m->order[m->first[expert[c]] + (size_t)slot[c]] = c;
}

static void run_expert(const struct moe_params *p, struct memory *m, const float *x, const float *w1, const float *w2,
                       const size_t *choice, size_t rows, const float *gate, float *y) {
    const size_t d = (size_t)p->d, f = (size_t)p->f, h_stride = round_up(f, NR), o_stride = round_up(d, NR);
    for (size_t r = 0; r < rows; r++)
        memcpy(m->x + r * d, x + choice[r] / (size_t)p->k * d, d * sizeof *x);
    if (rows <= FEW) {
        few_rows(rows, d, f, m->x, d, w1, m->h, 1);
        few_rows(rows, f, d, m->h, h_stride, w2, m->o, 0);
    } else {
        product(rows, d, f, m->x, d, w1, m->h, 1, m->panel);
        product(rows, f, d, m->h, h_stride, w2, m->o, 0, m->panel);
    }
    for (size_t r = 0; r < rows; r++) {
        float *to = y + choice[r] / (size_t)p->k * d;
        for (size_t i = 0; i < d; i++)
            to[i] += gate[choice[r]] * m->o[r * o_stride + i];
    }
}

static void *zeros(size_t count, size_t bytes) {
    return calloc(count + 64, bytes);
}

static int open_memory(const struct moe_params *p, struct memory *m) {
    const size_t n = (size_t)p->n, d = (size_t)p->d, e = (size_t)p->e, f = (size_t)p->f;
    *m = (struct memory){.x = zeros(ROWS * d, sizeof(float)),
                         .h = zeros(ROWS * round_up(f, NR), sizeof(float)),
                         .o = zeros(ROWS * round_up(d, NR), sizeof(float)),
                         .panel = zeros((d > f ? d : f) * NR, sizeof(float)),
                         .logits = zeros((n + MR) * round_up(e, NR), sizeof(float)),
                         .p = zeros(e, sizeof(float)),
                         .share = zeros(e, sizeof(float)),
                         .queue = zeros(e, sizeof(int32_t)),
                         .front = zeros(e, sizeof(int32_t)),
                         .first = zeros(e, sizeof(size_t)),
                         .order = zeros(n * (size_t)p->k, sizeof(size_t))};
    return m->x && m->h && m->o && m->panel && m->logits && m->p && m->share && m->queue && m->front && m->first &&
           m->order;
}

static void close_memory(struct memory *m) {
    void *all[] = {m->x, m->h, m->o, m->panel, m->logits, m->p, m->share, m->queue, m->front, m->first, m->order};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

int moe_dispatch(const struct moe_params *p, const float *x, const float *wr, const float *w1, const float *w2,
                 float *y, int32_t *expert, int32_t *slot, float *gate, float *aux) {
    const size_t n = (size_t)p->n, d = (size_t)p->d, e = (size_t)p->e, k = (size_t)p->k, f = (size_t)p->f;
    struct memory m;
    const int ready = open_memory(p, &m);
    if (ready && e > 0) {
        router(p, x, wr, &m);
        for (size_t t = 0; t < n; t++)
            route_token(p, m.logits + t * round_up(e, NR), &m, expert + t * k, slot + t * k, gate + t * k);
    }
    if (ready) {
        aux[0] = balance(p, &m);
        dispatch(p, &m, expert, slot);
        memset(y, 0, n * d * sizeof *y);
    }
    for (size_t i = 0; ready && i < e; i++)
        for (size_t at = m.first[i]; at < m.first[i + 1]; at += ROWS)
            run_expert(p, &m, x, w1 + i * d * f, w2 + i * d * f, m.order + at, smaller(ROWS, m.first[i + 1] - at), gate,
                       y);
    close_memory(&m);
    return !ready;
}
