/* SPDX-License-Identifier: MIT */
/* The operations of peers_operations.c that are parts of a model: attention for long sequences, experts, and a block
 * with its gradient. */
#include <math.h>
#include <string.h>

#include "challenges/flash-attention/flash-attention.h"
#include "challenges/moe-dispatch/moe-dispatch.h"
#include "challenges/transformer-block/transformer-block.h"
#include "tests/bench/peers.h"

int reference_flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o,
                              float *lse, float *gauge_o, float *gauge_lse);
int reference_moe_dispatch(const struct moe_params *p, const float *x, const float *wr, const float *w1,
                           const float *w2, float *y, int32_t *expert, int32_t *slot, float *gate, float *aux,
                           float *gauge_y, float *gauge_gate, float *gauge_aux);
int reference_block_forward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b,
                            const float *wqkv, const float *bqkv, const float *wo, const float *bo, const float *ln2g,
                            const float *ln2b, const float *w1, const float *b1, const float *w2, const float *b2,
                            float *y);
int reference_block_backward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b,
                             const float *wqkv, const float *bqkv, const float *wo, const float *bo, const float *ln2g,
                             const float *ln2b, const float *w1, const float *b1, const float *w2, const float *b2,
                             const float *dy, float *dx, float *dln1g, float *dln1b, float *dwqkv, float *dbqkv,
                             float *dwo, float *dbo, float *dln2g, float *dln2b, float *dw1, float *db1, float *dw2,
                             float *db2);

/* Dimensions h, tq, tk, d; the last query sees the last key. */
static void flash_lay_out(struct peers_problem *problem) {
    const size_t h = problem->dim[0], tq = problem->dim[1], tk = problem->dim[2], d = problem->dim[3];
    peers_floats(problem, "q", h * tq * d, 0, 1);
    peers_floats(problem, "k", h * tk * d, 0, 1);
    peers_floats(problem, "v", h * tk * d, 0, 1);
    peers_output(problem, "o", h * tq * d);
    peers_output(problem, "lse", h * tq);
}

static int flash_reference(const struct peers_problem *problem) {
    const size_t *dim = problem->dim;
    const struct flash_params p = {.h = (int32_t)dim[0],
                                   .tq = (int32_t)dim[1],
                                   .tk = (int32_t)dim[2],
                                   .d = (int32_t)dim[3],
                                   .q_offset = (int32_t)dim[2] - (int32_t)dim[1],
                                   .scale = 1 / sqrtf((float)dim[3])};
    return reference_flash_attention(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                     peers_at(problem, 3), peers_at(problem, 4), NULL, NULL);
}

/* Dimensions n, d, e, k, f. What the router decided, expert and slot, follows from the same logits. */
static void moe_lay_out(struct peers_problem *problem) {
    const size_t n = problem->dim[0], d = problem->dim[1], e = problem->dim[2], k = problem->dim[3];
    const size_t f = problem->dim[4];
    peers_floats(problem, "x", n * d, 0.2, 1.1);
    peers_floats(problem, "wr", d * e, 0.1, 1.3 / sqrt((double)d));
    peers_floats(problem, "w1", e * d * f, 0.6 / (double)d, 1.4 / sqrt((double)d));
    peers_floats(problem, "w2", e * f * d, 0.3 / (double)f, 1.7 / sqrt((double)f));
    peers_integers(problem, "expert", "i32", n * k);
    peers_integers(problem, "slot", "i32", n * k);
    peers_output(problem, "y", n * d);
    peers_output(problem, "gate", n * k);
    peers_output(problem, "aux", 1);
}

static int moe_reference(const struct peers_problem *problem) {
    const size_t *dim = problem->dim;
    const struct moe_params p = {.n = (int32_t)dim[0],
                                 .d = (int32_t)dim[1],
                                 .e = (int32_t)dim[2],
                                 .k = (int32_t)dim[3],
                                 .capacity = (int32_t)dim[0],
                                 .f = (int32_t)dim[4],
                                 .renorm = 1};
    return reference_moe_dispatch(&p, peers_at(problem, 0), peers_at(problem, 1), peers_at(problem, 2),
                                  peers_at(problem, 3), peers_at(problem, 6), peers_at(problem, 4),
                                  peers_at(problem, 5), peers_at(problem, 7), peers_at(problem, 8), NULL, NULL, NULL);
}

enum { BLOCK_WEIGHTS = 12 };

static const char *const weight_names[2][BLOCK_WEIGHTS] = {
    {"ln1g", "ln1b", "wqkv", "bqkv", "wo", "bo", "ln2g", "ln2b", "w1", "b1", "w2", "b2"},
    {"dln1g", "dln1b", "dwqkv", "dbqkv", "dwo", "dbo", "dln2g", "dln2b", "dw1", "db1", "dw2", "db2"},
};

static void weight_counts(const struct peers_problem *problem, size_t count[BLOCK_WEIGHTS]) {
    const size_t d = problem->dim[2], f = problem->dim[4];
    const size_t all[BLOCK_WEIGHTS] = {d, d, 3 * d * d, 3 * d, d * d, d, d, d, d * f, f, f * d, d};
    memcpy(count, all, sizeof all);
}

/* Dimensions b, t, d, h, f. Arrays: x, the weights, then y. */
static void block_inputs(struct peers_problem *problem) {
    const size_t d = problem->dim[2], f = problem->dim[4], tokens = problem->dim[0] * problem->dim[1];
    size_t count[BLOCK_WEIGHTS];
    weight_counts(problem, count);
    peers_floats(problem, "x", tokens * d, 0.5, 2);
    for (size_t i = 0; i < BLOCK_WEIGHTS; i++) {
        const bool gain = i == 0 || i == 6, matrix = count[i] >= d * d;
        const double scale = matrix ? 1 / sqrt((double)(i == 10 ? f : d)) : 0.3;
        peers_floats(problem, weight_names[0][i], count[i], gain, scale);
    }
}

static void block_forward_lay_out(struct peers_problem *problem) {
    block_inputs(problem);
    peers_output(problem, "y", problem->dim[0] * problem->dim[1] * problem->dim[2]);
}

/* Arrays: x, the weights, dy, dx, the weights' gradients. */
static void block_backward_lay_out(struct peers_problem *problem) {
    const size_t count = problem->dim[0] * problem->dim[1] * problem->dim[2];
    size_t counts[BLOCK_WEIGHTS];
    weight_counts(problem, counts);
    block_inputs(problem);
    peers_floats(problem, "dy", count, 0.1, 1);
    peers_output(problem, "dx", count);
    for (size_t i = 0; i < BLOCK_WEIGHTS; i++)
        peers_state(problem, weight_names[1][i], counts[i], 0.2, 0.7);
}

static struct block_params block_params_of(const size_t *dim) {
    return (struct block_params){(int32_t)dim[0], (int32_t)dim[1], (int32_t)dim[2],
                                 (int32_t)dim[3], (int32_t)dim[4], 1e-5f};
}

static int block_forward_reference(const struct peers_problem *problem) {
    const struct block_params p = block_params_of(problem->dim);
    float *a[BLOCK_WEIGHTS + 2];
    for (size_t i = 0; i < BLOCK_WEIGHTS + 2; i++)
        a[i] = peers_at(problem, i);
    return reference_block_forward(&p, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12],
                                   a[13]);
}

static int block_backward_reference(const struct peers_problem *problem) {
    const struct block_params p = block_params_of(problem->dim);
    float *a[2 * BLOCK_WEIGHTS + 3];
    for (size_t i = 0; i < 2 * BLOCK_WEIGHTS + 3; i++)
        a[i] = peers_at(problem, i);
    return reference_block_backward(&p, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12],
                                    a[13], a[14], a[15], a[16], a[17], a[18], a[19], a[20], a[21], a[22], a[23], a[24],
                                    a[25], a[26]);
}

const struct peers_operation peers_models[] = {
    {"flash_attention", flash_lay_out, flash_reference},
    {"moe_dispatch", moe_lay_out, moe_reference},
    {"block_forward", block_forward_lay_out, block_forward_reference},
    {"block_backward", block_backward_lay_out, block_backward_reference},
    {NULL, NULL, NULL},
};
