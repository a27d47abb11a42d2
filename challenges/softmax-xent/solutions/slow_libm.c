// expect: too_slow
// harness: softmax-xent
// Correct and careful: every exponential is taken twice, in double precision, by libm, one element at a time.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>

static float row(const float *x, size_t v, size_t t, float s, float counted, float *d) {
    float top = x[0];
    double sum = 0, below = 0;
    for (size_t j = 1; j < v; j++)
        top = x[j] > top ? x[j] : top;
    for (size_t j = 0; j < v; j++) {
        sum += exp((double)x[j] - (double)top);
        below += (double)x[j] - (double)top;
    }
    for (size_t j = 0; j < v; j++)
        d[j] = (float)((exp((double)x[j] - (double)top) / sum - (double)(s / (float)v)) / (double)counted);
    d[t] -= (1 - s) / counted;
    return (float)(log(sum) - (double)(1 - s) * ((double)x[t] - (double)top) - (double)s * below / (double)v);
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    size_t n = (size_t)p->n, v = (size_t)p->v, ldx = (size_t)p->ldx, counted = 0;
    for (size_t i = 0; i < n; i++)
        counted += target[i] != p->ignore_index;
    for (size_t i = 0; i < n; i++) {
        const float *x = logits + i * ldx;
        float *d = dlogits + i * v;
        if (target[i] != p->ignore_index) {
            row_loss[i] = row(x, v, (size_t)target[i], p->smoothing, (float)counted, d);
            continue;
        }
        row_loss[i] = 0;
        for (size_t j = 0; j < v; j++)
            d[j] = 0;
    }
    return 0;
}
