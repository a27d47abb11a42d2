/* SPDX-License-Identifier: MIT */
/* A small GPT: token and position embeddings, blocks of reference/block.h, a final layer normalisation, and logits by
 * the token embedding's transpose (tied) or a head of its own. Its loss is the mean negative log likelihood (in nats)
 * of the targets, and its gradient is one flat array in the layout of the parameters:
 *
 *   tok_emb[vocab][width], pos_emb[time][width]; per block the twelve tensors of struct block_weights;
 *   final_gain[width], final_bias[width]; head[vocab][width] unless tied.
 *
 * A workspace owns all memory, so no other call here allocates. Structs that are declared here hold no `real`, and both
 * builds share them. */
#ifndef REFERENCE_GPT_H
#define REFERENCE_GPT_H

#include <stdbool.h>

#include "reference/real.h"

/* vocab, time and width >= 1; heads >= 1 divides width; layers and hidden may be 0. */
struct gpt_dims {
    size_t vocab, time, width, layers, heads, hidden;
    bool tied;
};

/* One tensor of the flat parameters. A bias or gain has rows == 1. */
struct gpt_tensor {
    const char *name; /* "tok_emb", "qkv_w", ...; a block's tensors have the same names in every layer */
    int layer;        /* 0 .. layers-1, or -1 outside the blocks */
    size_t offset, rows, cols;
    size_t group; /* 0 embeddings and head, 1 .. layers the blocks, layers+1 the final normalisation */
    bool decays;  /* weight decay applies: every matrix, no gain, no bias */
};

/* `sequences` of `time` tokens each, time <= dims.time: x[sequences][time], targets y likewise, each in 0 .. vocab-1.
 * y is not read by gpt_logits(), which accepts NULL. */
struct gpt_batch {
    size_t sequences, time;
    const int32_t *x, *y;
};

struct gpt_workspace;

#define gpt_parameter_count   REAL_FN(gpt_parameter_count)
#define gpt_tensor_count      REAL_FN(gpt_tensor_count)
#define gpt_tensor_at         REAL_FN(gpt_tensor_at)
#define gpt_workspace_new     REAL_FN(gpt_workspace_new)
#define gpt_workspace_free    REAL_FN(gpt_workspace_free)
#define gpt_loss_and_gradient REAL_FN(gpt_loss_and_gradient)
#define gpt_loss              REAL_FN(gpt_loss)
#define gpt_logits            REAL_FN(gpt_logits)
#define gpt_logit_max         REAL_FN(gpt_logit_max)
#define gpt_activation_max    REAL_FN(gpt_activation_max)

size_t gpt_parameter_count(const struct gpt_dims *dims);

/* The layout as a table: tensor `index` of gpt_tensor_count(), in the order of the flat array, without gaps. */
size_t gpt_tensor_count(const struct gpt_dims *dims);
struct gpt_tensor gpt_tensor_at(const struct gpt_dims *dims, size_t index);

/* Room for batches of at most `sequences` sequences of dims->time tokens. `plain` chooses the loops without BLAS for
 * everything that is computed in it. NULL when there is no memory. Freeing NULL is allowed. */
struct gpt_workspace *gpt_workspace_new(const struct gpt_dims *dims, size_t sequences, bool plain);
void gpt_workspace_free(struct gpt_workspace *w);

/* *loss is the mean over the sequences*time tokens, and 0 for an empty batch; grads[gpt_parameter_count()] is
 * overwritten; logits (NULL or [sequences][time][vocab]) gets a copy of the logits. */
void gpt_loss_and_gradient(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch, real *loss,
                           real *grads, real *logits);

/* Forward only, for held-out data: returns the same mean loss, to the bit. */
real gpt_loss(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch);

/* logits[sequences][time][vocab] */
void gpt_logits(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch, real *logits);

/* Telemetry of the last of the three calls above: the largest |logit|, and the largest |element| of each group's
 * output, act_max[layers + 2]: the sum of the embeddings, each block's y, the final normalisation's y. */
real gpt_logit_max(const struct gpt_workspace *w);
void gpt_activation_max(const struct gpt_workspace *w, real *act_max);

#endif
