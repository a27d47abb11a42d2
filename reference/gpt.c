/* SPDX-License-Identifier: MIT */
/* The GPT: embeddings, blocks, final normalisation, logits, and the way back. All sequences of a batch go through each
 * layer together, because one product of a few hundred rows is several times faster than a few of 32 rows.
 *
 * The projection to logits is the transpose of a linear layer from vocab to width with weights emb[vocab][width], so
 * its three products are those of reference/linear.h with forward and backward exchanged. */
#include "reference/gpt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reference/block.h"
#include "reference/gpt_loss.h"
#include "reference/linear.h"
#include "reference/norm.h"

/* The constant that a float32 program writes as 1e-5f; both builds take the same number. */
static const double norm_eps = 1e-5f;

/* A cache line; sections start at multiples of it. */
enum { ALIGNMENT = 64, LINE = ALIGNMENT / sizeof(real) };

struct gpt_workspace {
    struct gpt_dims dims;
    size_t sequences; /* room for so many */
    bool plain;
    struct block_shape shape; /* of the last call */
    size_t tape_reals;        /* of one block of a full batch */
    real logit_max;
    real *storage;
    /* Cut out of the storage; rows of a full batch. */
    real *stream; /* [layers + 1][rows][d]: what enters each block, and what leaves the last */
    real *tapes;  /* [layers][tape_reals] */
    real *final_mean, *final_rstd, *final_y;
    real *logits;       /* [rows][v], overwritten by their gradient */
    real *d_out, *d_in; /* [rows][d]: gradients behind and before a block */
    real *scratch;
};

static struct block_shape shape_of(const struct gpt_dims *dims, size_t sequences, size_t time) {
    return (struct block_shape){.batches = sequences,
                                .tokens = time,
                                .width = dims->width,
                                .heads = dims->heads,
                                .hidden = dims->hidden,
                                .eps = norm_eps};
}

static size_t rows_of(const struct gpt_workspace *w) {
    return w->shape.batches * w->shape.tokens;
}

static size_t block_offset(const struct gpt_dims *dims, size_t layer) {
    struct block_shape shape = shape_of(dims, 0, 0);
    return (dims->vocab + dims->time) * dims->width + layer * block_parameter_reals(&shape);
}

/* emb[vocab][width] that makes the logits. */
static size_t head_offset(const struct gpt_dims *dims) {
    return dims->tied ? 0 : block_offset(dims, dims->layers) + 2 * dims->width;
}

static real *stream_at(const struct gpt_workspace *w, size_t layer) {
    return w->stream + layer * rows_of(w) * w->dims.width;
}

static struct block_tape tape_at(const struct gpt_workspace *w, size_t layer) {
    return block_tape_at(&w->shape, w->tapes + layer * w->tape_reals);
}

static size_t whole_lines(size_t count) {
    return (count + LINE - 1) / LINE * LINE;
}

static int workspace_cut(struct gpt_workspace *w) {
    const struct gpt_dims *dims = &w->dims;
    size_t rows = rows_of(w), d = dims->width;
    struct {
        real **at;
        size_t count;
    } parts[] = {
        {&w->stream, (dims->layers + 1) * rows * d},
        {&w->tapes, dims->layers * w->tape_reals},
        {&w->final_mean, rows},
        {&w->final_rstd, rows},
        {&w->final_y, rows * d},
        {&w->logits, rows * dims->vocab},
        {&w->d_out, rows * d},
        {&w->d_in, rows * d},
        {&w->scratch, block_scratch_reals(&w->shape)},
    };
    size_t total = LINE;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        total += whole_lines(parts[i].count);
    w->storage = aligned_alloc(ALIGNMENT, total * sizeof(real));
    if (!w->storage)
        return -1;
    real *next = w->storage;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *parts[i].at = next;
        next += whole_lines(parts[i].count);
    }
    return 0;
}

struct gpt_workspace *gpt_workspace_new(const struct gpt_dims *dims, size_t sequences, bool plain) {
    assert(dims->heads > 0 && dims->width > 0 && dims->width % dims->heads == 0);
    struct gpt_workspace *w = malloc(sizeof *w);
    if (!w)
        return NULL;
    *w = (struct gpt_workspace){.dims = *dims, .sequences = sequences, .plain = plain};
    w->shape = shape_of(dims, sequences, dims->time);
    w->tape_reals = whole_lines(block_tape_reals(&w->shape));
    if (workspace_cut(w)) {
        free(w);
        return NULL;
    }
    w->shape = shape_of(dims, 0, 0);
    return w;
}

void gpt_workspace_free(struct gpt_workspace *w) {
    if (!w)
        return;
    free(w->storage);
    free(w);
}

static real largest(const real *x, size_t n) {
    real m = 0;
#pragma omp simd reduction(max : m)
    for (size_t i = 0; i < n; i++) {
        real size = x[i] < 0 ? -x[i] : x[i];
        m = size > m ? size : m;
    }
    return m;
}

static void embed(struct gpt_workspace *w, const real *params, const int32_t *x) {
    size_t d = w->dims.width, time = w->shape.tokens;
    const real *positions = params + w->dims.vocab * d;
    for (size_t r = 0; r < rows_of(w); r++) {
        assert(x[r] >= 0 && (size_t)x[r] < w->dims.vocab);
        const real *token = params + (size_t)x[r] * d, *position = positions + r % time * d;
        real *out = w->stream + r * d;
        for (size_t c = 0; c < d; c++)
            out[c] = token[c] + position[c];
    }
}

static void run_blocks(struct gpt_workspace *w, const real *params) {
    for (size_t layer = 0; layer < w->dims.layers; layer++) {
        struct block_weights weights = block_weights_at(&w->shape, params + block_offset(&w->dims, layer));
        struct block_tape tape = tape_at(w, layer);
        (w->plain ? block_forward_plain : block_forward)(&w->shape, &weights, stream_at(w, layer), &tape,
                                                         stream_at(w, layer + 1));
    }
}

static struct linear_shape head_shape(const struct gpt_workspace *w) {
    return (struct linear_shape){.rows = rows_of(w), .in = w->dims.vocab, .out = w->dims.width};
}

static void forward(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch) {
    assert(batch->sequences <= w->sequences && batch->time <= w->dims.time);
    w->shape = shape_of(&w->dims, batch->sequences, batch->time);
    embed(w, params, batch->x);
    run_blocks(w, params);
    const real *gain = params + block_offset(&w->dims, w->dims.layers);
    (w->plain ? layer_norm_forward_plain : layer_norm_forward)(rows_of(w), w->dims.width, (real)norm_eps,
                                                               stream_at(w, w->dims.layers), gain, gain + w->dims.width,
                                                               w->final_y, w->final_mean, w->final_rstd);
    struct linear_shape head = head_shape(w);
    (w->plain ? linear_backward_plain : linear_backward)(&head, NULL, params + head_offset(&w->dims), w->final_y, false,
                                                         w->logits, NULL, NULL);
    w->logit_max = largest(w->logits, rows_of(w) * w->dims.vocab);
}

static real loss_in_place(struct gpt_workspace *w, const int32_t *y) {
    return (w->plain ? nll_mean_plain : nll_mean)(rows_of(w), w->dims.vocab, y, w->logits);
}

/* From the gradient of the logits to that of the last block's output, in d_out. */
static void backward_head(struct gpt_workspace *w, const real *params, real *grads) {
    struct linear_shape head = head_shape(w);
    size_t at = head_offset(&w->dims), final = block_offset(&w->dims, w->dims.layers), d = w->dims.width;
    (w->plain ? linear_backward_plain : linear_backward)(&head, w->logits, NULL, w->final_y, true, NULL, grads + at,
                                                         NULL);
    (w->plain ? linear_forward_plain : linear_forward)(&head, w->logits, params + at, NULL, w->d_in);
    (w->plain ? layer_norm_backward_plain : layer_norm_backward)(rows_of(w), d, w->d_in, stream_at(w, w->dims.layers),
                                                                 params + final, w->final_mean, w->final_rstd, true,
                                                                 w->d_out, grads + final, grads + final + d);
}

static void backward_blocks(struct gpt_workspace *w, const real *params, real *grads) {
    for (size_t layer = w->dims.layers; layer-- > 0;) {
        size_t at = block_offset(&w->dims, layer);
        struct block_weights weights = block_weights_at(&w->shape, params + at);
        struct block_gradients g = block_gradients_at(&w->shape, grads + at);
        struct block_tape tape = tape_at(w, layer);
        (w->plain ? block_backward_plain : block_backward)(&w->shape, &weights, stream_at(w, layer), &tape, w->d_out,
                                                           w->scratch, w->d_in, &g);
        real *before = w->d_in;
        w->d_in = w->d_out;
        w->d_out = before;
    }
}

/* A token's row gets the gradients of all its occurrences. */
static void backward_embed(const struct gpt_workspace *w, const int32_t *x, real *grads) {
    size_t d = w->dims.width, time = w->shape.tokens;
    for (size_t r = 0; r < rows_of(w); r++) {
        const real *from = w->d_out + r * d;
        real *token = grads + (size_t)x[r] * d, *position = grads + (w->dims.vocab + r % time) * d;
        for (size_t c = 0; c < d; c++) {
            token[c] += from[c];
            position[c] += from[c];
        }
    }
}

static void copy_logits(const struct gpt_workspace *w, real *logits) {
    if (logits && rows_of(w) > 0)
        memcpy(logits, w->logits, rows_of(w) * w->dims.vocab * sizeof *logits);
}

void gpt_loss_and_gradient(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch, real *loss,
                           real *grads, real *logits) {
    memset(grads, 0, gpt_parameter_count(&w->dims) * sizeof *grads);
    forward(w, params, batch);
    copy_logits(w, logits);
    *loss = loss_in_place(w, batch->y);
    if (rows_of(w) == 0)
        return;
    backward_head(w, params, grads);
    backward_blocks(w, params, grads);
    backward_embed(w, batch->x, grads);
}

real gpt_loss(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch) {
    forward(w, params, batch);
    return loss_in_place(w, batch->y);
}

void gpt_logits(struct gpt_workspace *w, const real *params, const struct gpt_batch *batch, real *logits) {
    forward(w, params, batch);
    copy_logits(w, logits);
}

real gpt_logit_max(const struct gpt_workspace *w) {
    return w->logit_max;
}

void gpt_activation_max(const struct gpt_workspace *w, real *act_max) {
    size_t count = rows_of(w) * w->dims.width;
    for (size_t layer = 0; layer <= w->dims.layers; layer++)
        act_max[layer] = largest(stream_at(w, layer), count);
    act_max[w->dims.layers + 1] = largest(w->final_y, count);
}
