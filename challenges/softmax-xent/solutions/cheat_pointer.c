// expect: wrong_answer
// harness: softmax-xent
// Keeps the last answer and gives it again when the sizes and the address of the logits are those of the call
// before, as if the same address meant the same numbers.
#include "softmax-xent.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static float row(const float *x, size_t v, size_t t, float s, float counted, float *d) {
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
    d[t] -= (1 - s) / counted;
    return logf(sum) - (1 - s) * (x[t] - top) - s * below / (float)v;
}

static void compute(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
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
}

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    static struct softmax_xent_params seen;
    static const float *seen_logits;
    static float *kept;
    size_t n = (size_t)p->n, count = n * (size_t)p->v;
    if (kept && seen_logits == logits && memcmp(&seen, p, sizeof seen) == 0) {
        memcpy(row_loss, kept, n * sizeof *kept);
        memcpy(dlogits, kept + n, count * sizeof *kept);
        return 0;
    }
    compute(p, logits, target, row_loss, dlogits);
    free(kept);
    kept = malloc((n + count + 1) * sizeof *kept);
    if (kept) {
        memcpy(kept, row_loss, n * sizeof *kept);
        memcpy(kept + n, dlogits, count * sizeof *kept);
    }
    seen = *p;
    seen_logits = logits;
    return 0;
}
