// expect: too_slow
// harness: moe-dispatch
// Every expert answers every token, and a mask of gates says what counts: right in every case, with e/k times the work.
#include "moe-dispatch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct token {
    float *logits, *p, *mask, *h, *o; // [e], [e], [e], [f], [d]
};

// Its gates go to the mask, which is 0 for all other experts. Returns the expert in front.
static int32_t route(const struct moe_params *p, const struct token *t, int32_t *queue, int32_t *expert, int32_t *slot,
                     float *gate) {
    int32_t front = 0;
    float all = 0, chosen = 0;
    for (int32_t i = 0; i < p->e; i++)
        front = t->logits[i] > t->logits[front] ? i : front;
    for (int32_t i = 0; i < p->e; i++)
        all += t->p[i] = expf(t->logits[i] - t->logits[front]);
    for (int32_t i = 0; i < p->e; i++) {
        int32_t rank = 0; // experts that come before this one
        for (int32_t j = 0; j < p->e; j++)
            rank += t->logits[j] > t->logits[i] || (t->logits[j] == t->logits[i] && j < i);
        t->mask[i] = 0;
        if (rank < p->k)
            expert[rank] = i;
    }
    for (int32_t j = 0; j < p->k; j++)
        chosen += t->p[expert[j]];
    for (int32_t j = 0; j < p->k; j++) {
        gate[j] = t->p[expert[j]] / (p->renorm ? chosen : all);
        slot[j] = queue[expert[j]] < p->capacity ? queue[expert[j]] : -1;
        queue[expert[j]]++;
        t->mask[expert[j]] = slot[j] >= 0 ? gate[j] : 0;
    }
    for (int32_t i = 0; i < p->e; i++)
        t->p[i] /= all;
    return front;
}

// out[columns] = left[inner] * right[inner][columns], four rows at a time.
static void product(size_t inner, size_t columns, const float *left, const float *right, float *restrict out) {
    size_t i = 0;
    memset(out, 0, columns * sizeof *out);
    for (; i + 4 <= inner; i += 4) {
        const float *w = right + i * columns, *by = left + i;
        for (size_t j = 0; j < columns; j++)
            out[j] += by[0] * w[j] + by[1] * w[columns + j] + by[2] * w[2 * columns + j] + by[3] * w[3 * columns + j];
    }
    for (; i < inner; i++)
        for (size_t j = 0; j < columns; j++)
            out[j] += left[i] * right[i * columns + j];
}

static void experts(const struct moe_params *p, const struct token *t, const float *x, const float *w1, const float *w2,
                    float *y) {
    const size_t d = (size_t)p->d, f = (size_t)p->f;
    for (size_t e = 0; e < (size_t)p->e; e++) {
        product(d, f, x, w1 + e * d * f, t->h);
        for (size_t j = 0; j < f; j++)
            t->h[j] /= 1 + expf(-t->h[j]);
        product(f, d, t->h, w2 + e * d * f, t->o);
        for (size_t i = 0; i < d; i++)
            y[i] += t->mask[e] * t->o[i];
    }
}

int moe_dispatch(const struct moe_params *p, const float *x, const float *wr, const float *w1, const float *w2,
                 float *y, int32_t *expert, int32_t *slot, float *gate, float *aux) {
    const size_t n = (size_t)p->n, d = (size_t)p->d, e = (size_t)p->e, k = (size_t)p->k, f = (size_t)p->f;
    float *space = calloc(4 * e + f + d + 1, sizeof *space), *mean = space;
    int32_t *count = calloc(2 * e + 1, sizeof *count);
    if (space == NULL || count == NULL)
        return 1;
    const struct token t = {space + e, space + 2 * e, space + 3 * e, space + 4 * e, space + 4 * e + f};
    memset(y, 0, n * d * sizeof *y);
    for (size_t token = 0; token < n && e > 0; token++) {
        const float *row = x + token * d;
        memset(t.logits, 0, e * sizeof(float));
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < e; j++)
                t.logits[j] += row[i] * wr[i * e + j];
        count[e + (size_t)route(p, &t, count, expert + token * k, slot + token * k, gate + token * k)]++;
        for (size_t j = 0; j < e; j++)
            mean[j] += t.p[j] / (float)n;
        experts(p, &t, row, w1, w2, y + token * d);
    }
    aux[0] = 0;
    for (size_t j = 0; j < e && n > 0; j++)
        aux[0] += (float)e * (float)count[e + j] / (float)n * mean[j];
    free(count);
    free(space);
    return 0;
}
