// expect: wrong_answer
// harness: attention-causal
//
// Divides the logits by d instead of by its square root.
#include "attention-causal.h"

#include <math.h>
#include <stdlib.h>

static float dot(const float *x, const float *y, size_t n) {
    float sum = 0.0f;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

// q and o are the query's own rows, k and v those of its head; w has room for t numbers.
static void query(const struct attention_params *p, size_t seen, const float *q, const float *k, const float *v,
                  float *w, float *o) {
    size_t d = (size_t)p->d;
    float top = -INFINITY, sum = 0.0f;
    for (size_t j = 0; j < seen; j++) {
        w[j] = dot(q, k + j * d, d) / (float)d;
        top = fmaxf(top, w[j]);
    }
    for (size_t j = 0; j < seen; j++) {
        w[j] = expf(w[j] - top);
        sum += w[j];
    }
    for (size_t c = 0; c < d; c++)
        o[c] = 0.0f;
    for (size_t j = 0; j < seen; j++)
        for (size_t c = 0; c < d; c++)
            o[c] += w[j] / sum * v[j * d + c];
}

int attention_causal(const struct attention_params *p, const float *q, const float *k, const float *v,
                     const int32_t *kv_len, float *o) {
    size_t t = (size_t)p->t, d = (size_t)p->d, rows = (size_t)p->b * (size_t)p->h * t;
    float *w = malloc(t * sizeof *w + 1);
    if (!w)
        return 1;
    for (size_t row = 0; row < rows; row++) {
        size_t i = row % t, head = (row - i) * d;
        size_t seen = kv_len ? (size_t)kv_len[row / t / (size_t)p->h] : t;
        if (p->causal && seen > i + 1)
            seen = i + 1;
        query(p, seen, q + row * d, k + head, v + head, w, o + row * d);
    }
    free(w);
    return 0;
}
