// expect: too_slow
// harness: flash-attention
//
// The recurrence as the papers write it, one key after the other: right, and in hardly any memory. The sum of products
// runs in order, each key costs two calls of expf, and each brings the whole output to the new maximum.
#include "flash-attention.h"

#include <math.h>
#include <stddef.h>

static void query_run(const struct flash_params *p, int64_t query, const float *q, const float *k, const float *v,
                      float *o, float *lse) {
    const int64_t last = query + p->q_offset;
    float top = -INFINITY, sum = 0.0f;
    for (int32_t c = 0; c < p->d; c++)
        o[c] = 0.0f;
    for (int64_t j = 0; j < p->tk; j++) {
        if (j > last || (p->window > 0 && j <= last - p->window))
            continue;
        float s = 0.0f;
        for (int32_t l = 0; l < p->d; l++)
            s += q[l] * k[j * p->d + l];
        s *= p->scale;
        const float high = s > top ? s : top, keep = expf(top - high), e = expf(s - high);
        sum = sum * keep + e;
        for (int32_t c = 0; c < p->d; c++)
            o[c] = o[c] * keep + e * v[j * p->d + c];
        top = high;
    }
    *lse = sum > 0.0f ? top + logf(sum) : -INFINITY;
    for (int32_t c = 0; c < p->d && sum > 0.0f; c++)
        o[c] /= sum;
}

int flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o,
                    float *lse) {
    const size_t tq = (size_t)p->tq, d = (size_t)p->d, head = (size_t)p->tk * d;
    for (size_t row = 0; row < (size_t)p->h * tq; row++)
        query_run(p, (int64_t)(row % tq), q + row * d, k + row / tq * head, v + row / tq * head, o + row * d,
                  lse + row);
    return 0;
}
