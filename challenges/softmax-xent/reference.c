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

/* The loss of one row, with the largest logit taken out before anything is added up. */
static real displaced_loss(const struct softmax_xent_params *p, const real *x, const real *at, int32_t target) {
    real top = x[0] + at[0], sum = 0, below = 0;
    for (int32_t j = 1; j < p->v; j++)
        top = real_fmax(top, x[j] + at[j]);
    for (int32_t j = 0; j < p->v; j++) {
        sum += real_exp(x[j] + at[j] - top);
        below += x[j] + at[j] - top;
    }
    const real s = (real)p->smoothing, log_sum = real_log(sum);
    return (1 - s) * (log_sum - (x[target] + at[target] - top)) + s * (log_sum - below / (real)p->v);
}

/* The mean loss of the rows that count, at logits moved by dlogits (whose rows lie v apart, not ldx). */
real objective_softmax_xent(const struct softmax_xent_params *p, const real *logits, const int32_t *target,
                            real *row_loss, const real *dlogits) {
    real sum = 0;
    int32_t counted = 0;
    (void)row_loss;
    for (int32_t i = 0; i < p->n; i++) {
        const size_t row = (size_t)i;
        if (target[i] == p->ignore_index)
            continue;
        sum += displaced_loss(p, logits + row * (size_t)p->ldx, dlogits + row * (size_t)p->v, target[i]);
        counted++;
    }
    return counted > 0 ? sum / (real)counted : 0;
}

/* Lifts the logit of each row's target to 40 above the largest of the others. The last row keeps its ordinary loss:
 * where all losses are next to nothing, any small number would do. */
int generate_peaked(const struct softmax_xent_params *p, real *logits, int32_t *target, real *row_loss, real *dlogits) {
    (void)row_loss, (void)dlogits;
    for (int32_t i = 0; i < p->n - 1; i++) {
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
