// expect: wrong_answer
// harness: softmax-xent
// Answers for equal logits whatever they are: loss log(v), probabilities 1/v.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    size_t n = (size_t)p->n, v = (size_t)p->v, counted = 0;
    (void)logits;
    for (size_t i = 0; i < n; i++)
        counted += target[i] != p->ignore_index;
    for (size_t i = 0; i < n; i++) {
        float *d = dlogits + i * v;
        if (target[i] != p->ignore_index) {
            row_loss[i] = logf((float)v);
            for (size_t j = 0; j < v; j++)
                d[j] = 1 / (float)v / (float)counted;
            d[target[i]] -= 1 / (float)counted;
            continue;
        }
        row_loss[i] = 0;
        for (size_t j = 0; j < v; j++)
            d[j] = 0;
    }
    return 0;
}
