/* SPDX-License-Identifier: MIT */
/* The layout of a GPT's flat parameters, as one table of tensors. */
#include <assert.h>

#include "reference/gpt.h"

/* Sizes in units of the dimensions, resolved by length_of(). */
enum length { ONE, VOCAB, TIME, WIDTH, THREE_WIDTHS, HIDDEN };

struct entry {
    const char *name;
    enum length rows, cols;
};

static const struct entry embeddings[] = {
    {.name = "tok_emb", .rows = VOCAB, .cols = WIDTH},
    {.name = "pos_emb", .rows = TIME, .cols = WIDTH},
};

static const struct entry block[] = {
    {.name = "ln1_gain", .rows = ONE, .cols = WIDTH},       {.name = "ln1_bias", .rows = ONE, .cols = WIDTH},
    {.name = "qkv_w", .rows = WIDTH, .cols = THREE_WIDTHS}, {.name = "qkv_b", .rows = ONE, .cols = THREE_WIDTHS},
    {.name = "proj_w", .rows = WIDTH, .cols = WIDTH},       {.name = "proj_b", .rows = ONE, .cols = WIDTH},
    {.name = "ln2_gain", .rows = ONE, .cols = WIDTH},       {.name = "ln2_bias", .rows = ONE, .cols = WIDTH},
    {.name = "fc_w", .rows = WIDTH, .cols = HIDDEN},        {.name = "fc_b", .rows = ONE, .cols = HIDDEN},
    {.name = "out_w", .rows = HIDDEN, .cols = WIDTH},       {.name = "out_b", .rows = ONE, .cols = WIDTH},
};

static const struct entry final[] = {
    {.name = "final_gain", .rows = ONE, .cols = WIDTH},
    {.name = "final_bias", .rows = ONE, .cols = WIDTH},
    {.name = "head", .rows = VOCAB, .cols = WIDTH},
};

enum {
    EMBEDDINGS = sizeof embeddings / sizeof embeddings[0],
    BLOCK = sizeof block / sizeof block[0],
    FINAL_TIED = sizeof final / sizeof final[0] - 1,
    HEAD = FINAL_TIED /* its index in final[] */
};

static size_t length_of(const struct gpt_dims *dims, enum length length) {
    const size_t lengths[] = {
        [ONE] = 1,
        [VOCAB] = dims->vocab,
        [TIME] = dims->time,
        [WIDTH] = dims->width,
        [THREE_WIDTHS] = 3 * dims->width,
        [HIDDEN] = dims->hidden,
    };
    return lengths[length];
}

/* Everything but the offset. */
static struct gpt_tensor tensor_of(const struct gpt_dims *dims, size_t index) {
    const struct entry *e = NULL;
    size_t group = 0, after = EMBEDDINGS + BLOCK * dims->layers;
    int layer = -1;
    if (index < EMBEDDINGS) {
        e = &embeddings[index];
    } else if (index < after) {
        layer = (int)((index - EMBEDDINGS) / BLOCK);
        group = (size_t)layer + 1;
        e = &block[(index - EMBEDDINGS) % BLOCK];
    } else {
        group = index - after == HEAD ? 0 : dims->layers + 1;
        e = &final[index - after];
    }
    return (struct gpt_tensor){.name = e->name,
                               .layer = layer,
                               .rows = length_of(dims, e->rows),
                               .cols = length_of(dims, e->cols),
                               .group = group,
                               .decays = e->rows != ONE};
}

size_t gpt_tensor_count(const struct gpt_dims *dims) {
    return EMBEDDINGS + BLOCK * dims->layers + FINAL_TIED + (dims->tied ? 0 : 1);
}

struct gpt_tensor gpt_tensor_at(const struct gpt_dims *dims, size_t index) {
    assert(index < gpt_tensor_count(dims));
    size_t offset = 0;
    for (size_t i = 0; i < index; i++) {
        struct gpt_tensor before = tensor_of(dims, i);
        offset += before.rows * before.cols;
    }
    struct gpt_tensor t = tensor_of(dims, index);
    t.offset = offset;
    return t;
}

size_t gpt_parameter_count(const struct gpt_dims *dims) {
    struct gpt_tensor last = gpt_tensor_at(dims, gpt_tensor_count(dims) - 1);
    return last.offset + last.rows * last.cols;
}
