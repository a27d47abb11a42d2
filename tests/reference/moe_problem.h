/* SPDX-License-Identifier: MIT */
/* Small problems for the tests of the mixture of experts, in both precisions, and their logits in long double. */
#ifndef TESTS_REFERENCE_MOE_PROBLEM_H
#define TESTS_REFERENCE_MOE_PROBLEM_H

#ifndef REAL_IS_DOUBLE
#define REAL_IS_DOUBLE 1
#endif
#include "reference/moe.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The float32 build's view of the same structures. */
struct moe_f32 {
    size_t tokens, width, experts, chosen, hidden, capacity;
    bool renormalise;
    const float *x, *wr, *w1, *w2;
};
struct moe_routing_f32 {
    int32_t *expert, *slot;
    float *gate, *aux;
};
int moe_route_f32(const struct moe_f32 *moe, struct moe_routing_f32 *out);
int moe_combine_f32(const struct moe_f32 *moe, const struct moe_routing_f32 *routing, float *y);
int moe_plain_f32(const struct moe_f32 *moe, struct moe_routing_f32 *out, float *y);
void moe_product_f32(size_t rows, size_t columns, size_t inner, const float *left, const float *right, float *out);

enum { N = 43, D = 13, E = 7, F = 11, NE = N * E, ND = N * D };

struct problem {
    struct moe moe;
    struct moe_f32 small;
    double x[ND], wr[D * E], w1[E * D * F], w2[E * D * F];
    float x32[ND], wr32[D * E], w1_32[E * D * F], w2_32[E * D * F];
};

struct answer {
    int32_t expert[NE], slot[NE];
    double gate[NE], aux, y[ND];
};

static inline double noise(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-52 - 1;
}

static inline void fill(double *x, float *small, size_t n, double scale, uint64_t *state) {
    for (size_t i = 0; i < n; i++)
        x[i] = small[i] = (float)(scale * noise(state));
}

static inline void copy_down(const struct problem *p, size_t n, float *small) {
    for (size_t i = 0; i < n; i++)
        small[i] = (float)p->x[i];
}

/* Every third kind has a capacity that is too small; every second renormalises; k goes from 1 to e. */
static inline void make(int kind, struct problem *p) {
    uint64_t state = (uint64_t)kind + 5;
    fill(p->x, p->x32, ND, 2, &state);
    fill(p->wr, p->wr32, D * E, 0.8, &state);
    fill(p->w1, p->w1_32, E * D * F, 0.6, &state);
    fill(p->w2, p->w2_32, E * D * F, 0.5, &state);
    p->moe = (struct moe){.tokens = N,
                          .width = D,
                          .experts = E,
                          .chosen = (size_t)(1 + kind % E),
                          .hidden = F,
                          .capacity = kind % 3 == 0 ? 4 : N,
                          .renormalise = kind % 2 == 0,
                          .x = p->x,
                          .wr = p->wr,
                          .w1 = p->w1,
                          .w2 = p->w2};
    ck_assert_int_eq(moe_turn_near_ties(&p->moe, false, p->x), 0);
    copy_down(p, ND, p->x32);
    p->small = (struct moe_f32){N,      D,       E,        p->moe.chosen, F, p->moe.capacity, p->moe.renormalise,
                                p->x32, p->wr32, p->w1_32, p->w2_32};
}

static inline void solve(const struct moe *moe, struct answer *a) {
    struct moe_routing routing = {a->expert, a->slot, a->gate, &a->aux};
    ck_assert_int_eq(moe_route(moe, &routing), 0);
    ck_assert_int_eq(moe_combine(moe, &routing, a->y), 0);
}

static inline void naive_logits(const struct moe *moe, size_t t, long double *l, long double *p) {
    long double sum = 0;
    for (size_t i = 0; i < E; i++) {
        l[i] = 0;
        for (size_t j = 0; j < D; j++)
            l[i] += (long double)moe->x[t * D + j] * moe->wr[j * E + i];
        sum += p[i] = expl(l[i]);
    }
    for (size_t i = 0; i < E; i++)
        p[i] /= sum;
}

#endif
