// C5: gives classes 12 below the largest no probability => wrong_answer
// harness: softmax-xent
// 6e-6 of the probability looks like nothing, and the loss does not change by much. Each class has a gradient of
// its own, measured on its own scale.
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
        d[j] = (float)((x[j] - most > -12 ? exp(x[j] - lse) : 0) - s / (double)v - (1 - s) * (j == t)) * weight;
    }
    return (float)((1 - s) * (lse - x[t]) + s * (lse - mean));
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
