// expect: passed
// harness: moe-dispatch
//
// Keys (expert, choice) are sorted, so that an expert's tokens stand in a row in their order: the place in the row is
// the slot. Four tokens at a time go through the expert in plain loops that gcc vectorises: four rows of weights are
// added to four rows of sums in one pass. Gates with renorm come from a softmax over the chosen logits only.
#include "moe-dispatch.h"

#include <stdlib.h>
#include <string.h>

enum { TOKENS = 4, AHEAD = 2048 };

struct routing {
    float *logits, *p, *mean; // [e] each
    uint64_t *key;            // [n*k]: expert, then choice
    float *h, *o;             // [TOKENS][f], [TOKENS][d]
    int32_t *front;           // [e]
};

// exp(x), x <= 0, and 0 below -87: straight-line code that a loop over it vectorises.
static inline float exp_negative(float x) {
    const float gone = x < -87.0f ? 0.0f : 1.0f;
    x = x > -87.0f ? x : -87.0f;
    union {
        float f;
        uint32_t bits;
    } shifted = {.f = x * 1.44269504f + 0x1.8p23f}, power;
    const float n = shifted.f - 0x1.8p23f, r = x - n * 0.693145752f - n * 1.42860677e-6f;
    float q = 1.38152961e-3f;
    q = q * r + 8.36870074e-3f;
    q = q * r + 4.16683704e-2f;
    q = q * r + 1.66665211e-1f;
    q = q * r + 4.99999940e-1f;
    q = q * r * r + r;
    power.bits = (shifted.bits << 23) + 0x3f800000u;
    return gone * (q * power.f + power.f);
}

static void silu(size_t n, float *z) {
    for (size_t i = 0; i < n; i++) {
        const float small = exp_negative(z[i] < 0 ? z[i] : -z[i]);
        z[i] = z[i] * (z[i] < 0 ? small : 1) / (1 + small);
    }
}

static void logits_of(const struct moe_params *p, const float *x, const float *wr, float *logits) {
    const size_t d = (size_t)p->d, e = (size_t)p->e;
    memset(logits, 0, e * sizeof *logits);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < e; j++)
            logits[j] += x[i] * wr[i * e + j];
}

// The largest that comes behind `last` in the order of choice: smaller, or equal and of a higher index.
static size_t next_choice(const float *logits, size_t e, size_t last) {
    size_t best = e;
    for (size_t j = 0; j < e; j++) {
        const int behind = last == e || logits[j] < logits[last] || (logits[j] == logits[last] && j > last);
        if (behind && (best == e || logits[j] > logits[best]))
            best = j;
    }
    return best;
}

// p becomes the softmax over all experts; `top` is one with the largest logit.
static void softmax(const struct moe_params *p, struct routing *r, size_t top) {
    const size_t e = (size_t)p->e;
    float sum = 0;
    for (size_t j = 0; j < e; j++)
        r->p[j] = exp_negative(r->logits[j] - r->logits[top]);
    for (size_t j = 0; j < e; j++)
        sum += r->p[j];
    for (size_t j = 0; j < e; j++)
        r->p[j] /= sum;
}

static void route_token(const struct moe_params *p, struct routing *r, size_t token, int32_t *expert, float *gate) {
    const size_t e = (size_t)p->e, k = (size_t)p->k, top = next_choice(r->logits, e, e);
    float sum = 0;
    size_t last = e;
    softmax(p, r, top);
    r->front[top]++;
    for (size_t j = 0; j < e; j++)
        r->mean[j] += r->p[j];
    for (size_t j = 0; j < k; j++) {
        last = next_choice(r->logits, e, last);
        expert[j] = (int32_t)last;
        r->key[token * k + j] = (uint64_t)last << 32 | (token * k + j);
        gate[j] = p->renorm ? exp_negative(r->logits[last] - r->logits[top]) : r->p[last];
        sum += gate[j];
    }
    for (size_t j = 0; p->renorm && j < k; j++)
        gate[j] /= sum;
}

static int by_key(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

// out[t] += four factors of token t times four rows of weights; tokens beyond `count` have factors of 0.
static void step(size_t n, const float by[TOKENS][4], const float *w, float *restrict out) {
    const float *w1 = w + n, *w2 = w1 + n, *w3 = w2 + n;
    float *restrict o1 = out + n, *restrict o2 = o1 + n, *restrict o3 = o2 + n;
    for (size_t i = 0; i < n; i++) {
        out[i] += by[0][0] * w[i] + by[0][1] * w1[i] + by[0][2] * w2[i] + by[0][3] * w3[i];
        o1[i] += by[1][0] * w[i] + by[1][1] * w1[i] + by[1][2] * w2[i] + by[1][3] * w3[i];
        o2[i] += by[2][0] * w[i] + by[2][1] * w1[i] + by[2][2] * w2[i] + by[2][3] * w3[i];
        o3[i] += by[3][0] * w[i] + by[3][1] * w1[i] + by[3][2] * w2[i] + by[3][3] * w3[i];
    }
}

static void step_of_one(size_t n, const float *by, const float *w, float *restrict out) {
    for (size_t i = 0; i < n; i++)
        out[i] += by[0] * w[i] + by[1] * w[n + i] + by[2] * w[2 * n + i] + by[3] * w[3 * n + i];
}

// out[count][n] = from[count rows][inner] * w[inner][n].
static void product(size_t count, size_t inner, size_t n, const float *const from[TOKENS], const float *w, float *out) {
    memset(out, 0, TOKENS * n * sizeof *out);
    size_t i = 0;
    for (; i + 4 <= inner; i += 4) {
        float by[TOKENS][4] = {{0}};
        for (size_t t = 0; t < count; t++)
            memcpy(by[t], from[t] + i, sizeof by[t]);
        for (size_t j = 0; count <= 2 && j < 4 * n; j += 16) // read once and from memory: ask for it early
            __builtin_prefetch(w + i * n + AHEAD + j);
        if (count == 1)
            step_of_one(n, by[0], w + i * n, out);
        else
            step(n, by, w + i * n, out);
    }
    for (; i < inner; i++)
        for (size_t t = 0; t < count; t++)
            for (size_t j = 0; j < n; j++)
                out[t * n + j] += from[t][i] * w[i * n + j];
}

static void run_expert(const struct moe_params *p, struct routing *r, const float *x, const float *w1, const float *w2,
                       const uint64_t *key, size_t count, const float *gate, float *y) {
    const size_t d = (size_t)p->d, f = (size_t)p->f, k = (size_t)p->k;
    const float *from[TOKENS] = {0}, *hidden[TOKENS];
    for (size_t t = 0; t < count; t++)
        from[t] = x + (uint32_t)key[t] / k * d;
    for (size_t t = 0; t < TOKENS; t++)
        hidden[t] = r->h + t * f;
    product(count, d, f, from, w1, r->h);
    silu(count * f, r->h);
    product(count, f, d, hidden, w2, r->o);
    for (size_t t = 0; t < count; t++) {
        float *to = y + (uint32_t)key[t] / k * d;
        for (size_t i = 0; i < d; i++)
            to[i] += gate[(uint32_t)key[t]] * r->o[t * d + i];
    }
}

static void run_experts(const struct moe_params *p, struct routing *r, const float *x, const float *w1, const float *w2,
                        const float *gate, int32_t *slot, float *y) {
    const size_t weights = (size_t)p->d * (size_t)p->f, choices = (size_t)p->n * (size_t)p->k;
    qsort(r->key, choices, sizeof *r->key, by_key);
    for (size_t at = 0, end; at < choices; at = end) {
        const size_t expert = r->key[at] >> 32;
        size_t kept = 0;
        for (end = at; end < choices && r->key[end] >> 32 == expert; end++) {
            const size_t place = end - at;
            slot[(uint32_t)r->key[end]] = place < (size_t)p->capacity ? (int32_t)place : -1;
            kept += place < (size_t)p->capacity;
        }
        for (size_t t = 0; t < kept; t += TOKENS)
            run_expert(p, r, x, w1 + expert * weights, w2 + expert * weights, r->key + at + t,
                       kept - t < TOKENS ? kept - t : TOKENS, gate, y);
    }
}

static float balance(const struct moe_params *p, const struct routing *r) {
    const float n = (float)p->n;
    float aux = 0;
    for (int32_t j = 0; j < p->e && p->n > 0; j++)
        aux += (float)r->front[j] * r->mean[j];
    return p->n > 0 ? (float)p->e * aux / (n * n) : 0;
}

int moe_dispatch(const struct moe_params *p, const float *x, const float *wr, const float *w1, const float *w2,
                 float *y, int32_t *expert, int32_t *slot, float *gate, float *aux) {
    const size_t n = (size_t)p->n, d = (size_t)p->d, e = (size_t)p->e, k = (size_t)p->k, f = (size_t)p->f;
    float *space = calloc(3 * e + TOKENS * (d + f) + 1, sizeof *space);
    struct routing r = {.key = malloc((n * k + 1) * sizeof *r.key), .front = calloc(e + 1, sizeof *r.front)};
    const int ready = space && r.key && r.front;
    if (ready) {
        r.logits = space;
        r.p = space + e;
        r.mean = space + 2 * e;
        r.h = space + 3 * e;
        r.o = r.h + TOKENS * f;
        for (size_t t = 0; t < n && e > 0; t++) {
            logits_of(p, x + t * d, wr, r.logits);
            route_token(p, &r, t, expert + t * k, gate + t * k);
        }
        aux[0] = balance(p, &r);
        memset(y, 0, n * d * sizeof *y);
        run_experts(p, &r, x, w1, w2, gate, slot, y);
    }
    free(r.front);
    free(r.key);
    free(space);
    return !ready;
}
