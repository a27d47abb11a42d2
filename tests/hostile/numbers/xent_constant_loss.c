// C1: answers with log(v) for every loss and computes honest gradients => wrong_answer
// harness: softmax-xent
// The loss of a guess, and of fresh networks. Both outputs have to be right.
#include "softmax-xent.h"

#include <math.h>

static float row(const float *x, int64_t v, int64_t t, float s, float weight, float *d) {
    double most = x[0], sum = 0, mean = 0;
    for (int64_t j = 0; j < v; j++)
        most = fmax(most, x[j]);
    for (int64_t j = 0; j < v; j++)
        sum += exp(x[j] - most);
    const double lse = most + log(sum);
    for (int64_t j = 0; j < v; j++) {
        mean += x[j] / (double)v;
        d[j] = (float)(exp(x[j] - lse) - s / (double)v - (1 - s) * (j == t)) * weight;
    }
    return (float)(log((double)v) + 0 * mean);
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    const int64_t v = p->v;
    int64_t counted = 0;
    for (int64_t i = 0; i < p->n; i++)
        counted += target[i] != p->ignore_index;
    for (int64_t i = 0; i < p->n; i++) {
        const float *x = logits + i * p->ldx;
        float *d = dlogits + i * v;
        row_loss[i] = 0;
        for (int64_t j = 0; j < v; j++)
            d[j] = 0;
        if (target[i] != p->ignore_index && v > 0)
            row_loss[i] = row(x, v, target[i], p->smoothing, 1 / (float)counted, d);
    }
    return 0;
}
