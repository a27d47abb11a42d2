// expect: wrong_answer
// harness: softmax-xent
// Writes zeros: the gradient of a long batch is small, but not that small.
#include "softmax-xent.h"

#include <stddef.h>

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    (void)logits, (void)target;
    for (size_t i = 0; i < (size_t)p->n; i++)
        row_loss[i] = 0;
    for (size_t k = 0; k < (size_t)p->n * (size_t)p->v; k++)
        dlogits[k] = 0;
    return 0;
}
