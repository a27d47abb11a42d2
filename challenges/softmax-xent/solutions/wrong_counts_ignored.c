// expect: wrong_answer
// harness: softmax-xent
// Treats an ignored row as a row without a one-hot: it gets a loss and a gradient and counts in the mean.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>

static float row(const float *x, size_t v, size_t t, float s, float counted, float *d, int ignored) {
    float top = x[0], sum = 0, below = 0;
    for (size_t j = 1; j < v; j++)
        top = x[j] > top ? x[j] : top;
    for (size_t j = 0; j < v; j++) {
        d[j] = expf(x[j] - top);
        sum += d[j];
        below += x[j] - top;
    }
    for (size_t j = 0; j < v; j++)
        d[j] = (d[j] / sum - s / (float)v) / counted;
    if (ignored)
        return logf(sum) + top;
    d[t] -= (1 - s) / counted;
    return logf(sum) - (1 - s) * (x[t] - top) - s * below / (float)v;
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    size_t n = (size_t)p->n, v = (size_t)p->v, ldx = (size_t)p->ldx;
    for (size_t i = 0; i < n; i++) {
        const float *x = logits + i * ldx;
        float *d = dlogits + i * v;
        row_loss[i] = row(x, v, (size_t)target[i], p->smoothing, (float)n, d, target[i] == p->ignore_index);
    }
    return 0;
}
