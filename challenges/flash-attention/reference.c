/* SPDX-License-Identifier: MIT */
/* Attention with OpenBLAS on blocks: the oracle, the baseline to beat, and a plain second opinion. */
#include "flash-attention.h"

#include "reference/flash.h"

static struct flash problem(const struct flash_params *p, const real *q, const real *k, const real *v) {
    return (struct flash){.heads = (size_t)p->h,
                          .queries = (size_t)p->tq,
                          .keys = (size_t)p->tk,
                          .width = (size_t)p->d,
                          .offset = p->q_offset,
                          .window = p->window,
                          .scale = (real)p->scale,
                          .q = q,
                          .k = k,
                          .v = v};
}

int reference_flash_attention(const struct flash_params *p, const real *q, const real *k, const real *v, real *o,
                              real *lse, real *gauge_o, real *gauge_lse) {
    const struct flash a = problem(p, q, k, v);
    return flash_forward(&a, o, lse, gauge_o, gauge_lse);
}

int plain_flash_attention(const struct flash_params *p, const real *q, const real *k, const real *v, real *o,
                          real *lse) {
    const struct flash a = problem(p, q, k, v);
    return flash_plain(&a, o, lse);
}

/* The keys and values that no query sees become NaN: those behind the last one's position, and those that have left the
 * window of the first. */
int generate_unseen(const struct flash_params *p, real *q, real *k, real *v, real *o, real *lse) {
    const struct flash a = problem(p, q, k, v);
    const size_t first = a.queries > 0 ? flash_visible(&a, 0).first : 0;
    const size_t end = a.queries > 0 ? flash_visible(&a, a.queries - 1).end : 0;
    (void)o, (void)lse;
    for (size_t row = 0; row < a.heads * a.keys; row++)
        for (size_t c = 0; c < a.width && (row % a.keys < first || row % a.keys >= end); c++)
            k[row * a.width + c] = v[row * a.width + c] = (real)NAN;
    return 0;
}
