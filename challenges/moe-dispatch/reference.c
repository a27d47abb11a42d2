/* SPDX-License-Identifier: MIT */
/* The mixture of experts: the work is in reference/moe.h; this file translates the contract's parameters and prepares
 * inputs whose decisions survive rounding. */
#include "moe-dispatch.h"

#include <stdlib.h>

#include "reference/moe.h"

static struct moe problem(const struct moe_params *p, const real *x, const real *wr, const real *w1, const real *w2) {
    return (struct moe){.tokens = (size_t)p->n,
                        .width = (size_t)p->d,
                        .experts = (size_t)p->e,
                        .chosen = (size_t)p->k,
                        .hidden = (size_t)p->f,
                        .capacity = (size_t)p->capacity,
                        .renormalise = p->renorm != 0,
                        .x = x,
                        .wr = wr,
                        .w1 = w1,
                        .w2 = w2};
}

/* The gauge of y needs that of the gates, whether or not it is asked for. */
static int gauges(const struct moe *moe, const struct moe_routing *routing, real *gauge_y, real *gauge_gate,
                  real *gauge_aux) {
    real *own = malloc((moe->tokens * moe->chosen + 1) * sizeof *own), *gates = gauge_gate != NULL ? gauge_gate : own;
    int status = own != NULL ? moe_route_gauge(moe, routing, gates, gauge_aux) : -1;
    if (status == 0 && gauge_y != NULL)
        status = moe_combine_gauge(moe, routing, gates, gauge_y);
    free(own);
    return status;
}

int reference_moe_dispatch(const struct moe_params *p, const real *x, const real *wr, const real *w1, const real *w2,
                           real *y, int32_t *expert, int32_t *slot, real *gate, real *aux, real *gauge_y,
                           real *gauge_gate, real *gauge_aux) {
    const struct moe moe = problem(p, x, wr, w1, w2);
    struct moe_routing routing = {.expert = expert, .slot = slot, .gate = gate, .aux = aux};
    int status = moe_route(&moe, &routing);
    if (status == 0)
        status = moe_combine(&moe, &routing, y);
    if (status == 0 && (gauge_y != NULL || gauge_gate != NULL || gauge_aux != NULL))
        status = gauges(&moe, &routing, gauge_y, gauge_gate, gauge_aux);
    return status;
}

int plain_moe_dispatch(const struct moe_params *p, const real *x, const real *wr, const real *w1, const real *w2,
                       real *y, int32_t *expert, int32_t *slot, real *gate, real *aux) {
    const struct moe moe = problem(p, x, wr, w1, w2);
    struct moe_routing routing = {.expert = expert, .slot = slot, .gate = gate, .aux = aux};
    return moe_plain(&moe, &routing, y);
}

/* No two logits whose order counts are so near that float32 could exchange them. */
int generate_clear(const struct moe_params *p, real *x, real *wr, real *w1, real *w2, real *y, int32_t *expert,
                   int32_t *slot, real *gate, real *aux) {
    const struct moe moe = problem(p, x, wr, w1, w2);
    (void)y, (void)expert, (void)slot, (void)gate, (void)aux;
    return moe_turn_near_ties(&moe, false, x);
}

/* The same, and no expert is chosen twice: the weights that a call has to read are n*k experts' exactly. */
int generate_spread(const struct moe_params *p, real *x, real *wr, real *w1, real *w2, real *y, int32_t *expert,
                    int32_t *slot, real *gate, real *aux) {
    const struct moe moe = problem(p, x, wr, w1, w2);
    (void)y, (void)expert, (void)slot, (void)gate, (void)aux;
    return moe_turn_near_ties(&moe, true, x);
}

/* Experts i and i + e/2 get the same router column. The case's fills make x and wr of few levels, whose products and
 * sums are exact in float32: logits are equal or a level apart, however they are summed. */
int generate_twins(const struct moe_params *p, real *x, real *wr, real *w1, real *w2, real *y, int32_t *expert,
                   int32_t *slot, real *gate, real *aux) {
    const size_t d = (size_t)p->d, e = (size_t)p->e;
    (void)x, (void)w1, (void)w2, (void)y, (void)expert, (void)slot, (void)gate, (void)aux;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < e / 2; i++)
            wr[j * e + e / 2 + i] = wr[j * e + i];
    return 0;
}
