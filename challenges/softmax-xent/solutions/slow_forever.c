// expect: time_limit
// harness: softmax-xent
// Never returns: the condition of its loop is always true.
#include "softmax-xent.h"

#include <stddef.h>

int softmax_xent(const struct softmax_xent_params *p, const float *logits, const int32_t *target, float *row_loss,
                 float *dlogits) {
    (void)logits, (void)target, (void)dlogits;
    volatile float *out = row_loss;
    for (volatile size_t pass = 0; p->n >= 0; pass++)
        out[0] = (float)pass;
    return 0;
}
