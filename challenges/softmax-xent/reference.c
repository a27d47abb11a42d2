/* SPDX-License-Identifier: MIT */
/* Softmax cross-entropy: all the work is in reference/xent.h; this file translates the contract's parameters. */
#include "reference/xent.h"

#include "softmax-xent.h"

static struct xent_shape shape_of(const struct softmax_xent_params *p) {
    return (struct xent_shape){.n = (size_t)p->n,
                               .v = (size_t)p->v,
                               .ldx = (size_t)p->ldx,
                               .ignore_index = p->ignore_index,
                               .smoothing = (double)p->smoothing};
}

int reference_softmax_xent(const struct softmax_xent_params *p, const real *logits, const int32_t *target,
                           real *row_loss, real *dlogits, real *gauge_row_loss, real *gauge_dlogits) {
    struct xent_shape shape = shape_of(p);
    xent(&shape, logits, target, row_loss, dlogits);
    if (gauge_row_loss || gauge_dlogits)
        xent_gauge(&shape, logits, target, gauge_row_loss, gauge_dlogits);
    return 0;
}

int plain_softmax_xent(const struct softmax_xent_params *p, const real *logits, const int32_t *target, real *row_loss,
                       real *dlogits) {
    struct xent_shape shape = shape_of(p);
    xent_plain(&shape, logits, target, row_loss, dlogits);
    return 0;
}

/* Lifts the logit of each row's target to 40 above the largest of the others. */
int generate_peaked(const struct softmax_xent_params *p, real *logits, int32_t *target, real *row_loss, real *dlogits) {
    (void)row_loss, (void)dlogits;
    for (int32_t i = 0; i < p->n; i++) {
        if (target[i] == p->ignore_index)
            continue;
        real *x = logits + (size_t)i * (size_t)p->ldx;
        real top = (real)-INFINITY;
        for (int32_t j = 0; j < p->v; j++)
            top = j != target[i] && x[j] > top ? x[j] : top;
        x[target[i]] = top > (real)-INFINITY ? top + 40 : x[target[i]];
    }
    return 0;
}
