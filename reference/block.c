/* SPDX-License-Identifier: MIT */
/* The block as a composition: which operation follows which is written once, and a table says whether the operations
 * are those over BLAS or the plain loops. What the passes cost beside their products (residuals, GELU, normalisation)
 * runs over whole [rows][...] arrays. */
#include "reference/block.h"

#include "reference/block_attention.h"
#include "reference/gelu.h"
#include "reference/linear.h"
#include "reference/norm.h"

struct operations {
    void (*linear)(const struct linear_shape *, const real *, const real *, const real *, real *);
    void (*linear_gradient)(const struct linear_shape *, const real *, const real *, const real *, bool, real *, real *,
                            real *);
    void (*norm)(size_t, size_t, real, const real *, const real *, const real *, real *, real *, real *);
    void (*norm_gradient)(size_t, size_t, const real *, const real *, const real *, const real *, const real *, bool,
                          real *, real *, real *);
    void (*heads)(const struct block_shape *, const real *, real *, real *);
    void (*heads_gradient)(const struct block_shape *, const real *, const real *, const real *, real *, real *);
    void (*gelu)(size_t, const real *, real *);
    void (*gelu_gradient)(size_t, const real *, const real *, real *);
};

static const struct operations by_blas = {
    .linear = linear_forward,
    .linear_gradient = linear_backward,
    .norm = layer_norm_forward,
    .norm_gradient = layer_norm_backward,
    .heads = heads_forward,
    .heads_gradient = heads_backward,
    .gelu = gelu_forward,
    .gelu_gradient = gelu_backward,
};

static const struct operations by_loops = {
    .linear = linear_forward_plain,
    .linear_gradient = linear_backward_plain,
    .norm = layer_norm_forward_plain,
    .norm_gradient = layer_norm_backward_plain,
    .heads = heads_forward_plain,
    .heads_gradient = heads_backward_plain,
    .gelu = gelu_forward_plain,
    .gelu_gradient = gelu_backward_plain,
};

/* Cuts arrays out of one storage. With a NULL storage it only counts. */
struct cutter {
    real *base;
    size_t used;
};

static real *cut(struct cutter *c, size_t count) {
    size_t at = c->used;
    c->used += count;
    return c->base ? c->base + at : NULL;
}

static size_t rows_of(const struct block_shape *s) {
    return s->batches * s->tokens;
}

size_t block_parameter_reals(const struct block_shape *s) {
    size_t d = s->width, f = s->hidden;
    return 4 * d + (3 * d * d + 3 * d) + (d * d + d) + (d * f + f) + (f * d + d);
}

struct block_gradients block_gradients_at(const struct block_shape *s, real *flat) {
    size_t d = s->width, f = s->hidden;
    struct cutter c = {.base = flat};
    struct block_gradients g = {.ln1_gain = cut(&c, d)};
    g.ln1_bias = cut(&c, d);
    g.qkv_w = cut(&c, 3 * d * d);
    g.qkv_b = cut(&c, 3 * d);
    g.proj_w = cut(&c, d * d);
    g.proj_b = cut(&c, d);
    g.ln2_gain = cut(&c, d);
    g.ln2_bias = cut(&c, d);
    g.fc_w = cut(&c, d * f);
    g.fc_b = cut(&c, f);
    g.out_w = cut(&c, f * d);
    g.out_b = cut(&c, d);
    return g;
}

/* The same offsets; the result only ever reads, so the cast takes nothing from the caller. */
struct block_weights block_weights_at(const struct block_shape *s, const real *flat) {
    struct block_gradients at = block_gradients_at(s, (real *)(uintptr_t)flat);
    return (struct block_weights){
        .ln1_gain = at.ln1_gain,
        .ln1_bias = at.ln1_bias,
        .qkv_w = at.qkv_w,
        .qkv_b = at.qkv_b,
        .proj_w = at.proj_w,
        .proj_b = at.proj_b,
        .ln2_gain = at.ln2_gain,
        .ln2_bias = at.ln2_bias,
        .fc_w = at.fc_w,
        .fc_b = at.fc_b,
        .out_w = at.out_w,
        .out_b = at.out_b,
    };
}

static struct block_tape cut_tape(const struct block_shape *s, struct cutter *c) {
    size_t rows = rows_of(s), d = s->width, f = s->hidden;
    struct block_tape tape = {.ln1_y = cut(c, rows * d)};
    tape.qkv = cut(c, rows * 3 * d);
    tape.mixed = cut(c, rows * d);
    tape.mid = cut(c, rows * d);
    tape.ln2_y = cut(c, rows * d);
    tape.fc = cut(c, rows * f);
    tape.act = cut(c, rows * f);
    tape.weights = cut(c, s->batches * s->heads * s->tokens * s->tokens);
    tape.ln1_mean = cut(c, rows);
    tape.ln1_rstd = cut(c, rows);
    tape.ln2_mean = cut(c, rows);
    tape.ln2_rstd = cut(c, rows);
    return tape;
}

size_t block_tape_reals(const struct block_shape *s) {
    struct cutter c = {.base = NULL};
    cut_tape(s, &c);
    return c.used;
}

struct block_tape block_tape_at(const struct block_shape *s, real *storage) {
    struct cutter c = {.base = storage};
    return cut_tape(s, &c);
}

struct scratch {
    real *d_hidden; /* [rows][f] */
    real *d_qkv;    /* [rows][3d] */
    real *d_row;    /* [rows][d]: the gradient of whatever is between two operations */
    real *d_mid;    /* [rows][d] */
    real *stripe;   /* [BLOCK_STRIPE][t] */
};

static struct scratch cut_scratch(const struct block_shape *s, struct cutter *c) {
    size_t rows = rows_of(s), d = s->width;
    struct scratch scratch = {.d_hidden = cut(c, rows * s->hidden)};
    scratch.d_qkv = cut(c, rows * 3 * d);
    scratch.d_row = cut(c, rows * d);
    scratch.d_mid = cut(c, rows * d);
    scratch.stripe = cut(c, BLOCK_STRIPE * s->tokens);
    return scratch;
}

size_t block_scratch_reals(const struct block_shape *s) {
    struct cutter c = {.base = NULL};
    cut_scratch(s, &c);
    return c.used;
}

static void add_to(size_t n, const real *restrict x, real *restrict sum) {
    for (size_t i = 0; i < n; i++)
        sum[i] += x[i];
}

static void forward(const struct operations *o, const struct block_shape *s, const struct block_weights *w,
                    const real *x, const struct block_tape *tape, real *y) {
    size_t rows = rows_of(s), d = s->width, f = s->hidden;
    if (rows * d == 0)
        return;
    o->norm(rows, d, (real)s->eps, x, w->ln1_gain, w->ln1_bias, tape->ln1_y, tape->ln1_mean, tape->ln1_rstd);
    o->linear(&(struct linear_shape){rows, d, 3 * d}, tape->ln1_y, w->qkv_w, w->qkv_b, tape->qkv);
    o->heads(s, tape->qkv, tape->weights, tape->mixed);
    o->linear(&(struct linear_shape){rows, d, d}, tape->mixed, w->proj_w, w->proj_b, tape->mid);
    add_to(rows * d, x, tape->mid);

    o->norm(rows, d, (real)s->eps, tape->mid, w->ln2_gain, w->ln2_bias, tape->ln2_y, tape->ln2_mean, tape->ln2_rstd);
    o->linear(&(struct linear_shape){rows, d, f}, tape->ln2_y, w->fc_w, w->fc_b, tape->fc);
    o->gelu(rows * f, tape->fc, tape->act);
    if (y == NULL)
        return;
    o->linear(&(struct linear_shape){rows, f, d}, tape->act, w->out_w, w->out_b, y);
    add_to(rows * d, tape->mid, y);
}

static void backward(const struct operations *o, const struct block_shape *s, const struct block_weights *w,
                     const real *x, const struct block_tape *tape, const real *dy, real *storage, real *dx,
                     const struct block_gradients *g) {
    size_t rows = rows_of(s), d = s->width, f = s->hidden;
    struct scratch at = cut_scratch(s, &(struct cutter){.base = storage});
    if (rows * d == 0)
        return;
    o->linear_gradient(&(struct linear_shape){rows, f, d}, tape->act, w->out_w, dy, true, at.d_hidden, g->out_w,
                       g->out_b);
    o->gelu_gradient(rows * f, tape->fc, at.d_hidden, at.d_hidden);
    o->linear_gradient(&(struct linear_shape){rows, d, f}, tape->ln2_y, w->fc_w, at.d_hidden, true, at.d_row, g->fc_w,
                       g->fc_b);
    o->norm_gradient(rows, d, at.d_row, tape->mid, w->ln2_gain, tape->ln2_mean, tape->ln2_rstd, true, at.d_mid,
                     g->ln2_gain, g->ln2_bias);
    add_to(rows * d, dy, at.d_mid);

    o->linear_gradient(&(struct linear_shape){rows, d, d}, tape->mixed, w->proj_w, at.d_mid, true, at.d_row, g->proj_w,
                       g->proj_b);
    o->heads_gradient(s, tape->qkv, tape->weights, at.d_row, at.stripe, at.d_qkv);
    o->linear_gradient(&(struct linear_shape){rows, d, 3 * d}, tape->ln1_y, w->qkv_w, at.d_qkv, true, at.d_row,
                       g->qkv_w, g->qkv_b);
    o->norm_gradient(rows, d, at.d_row, x, w->ln1_gain, tape->ln1_mean, tape->ln1_rstd, true, dx, g->ln1_gain,
                     g->ln1_bias);
    add_to(rows * d, at.d_mid, dx);
}

void block_forward(const struct block_shape *shape, const struct block_weights *w, const real *x,
                   const struct block_tape *tape, real *y) {
    forward(&by_blas, shape, w, x, tape, y);
}

void block_forward_plain(const struct block_shape *shape, const struct block_weights *w, const real *x,
                         const struct block_tape *tape, real *y) {
    forward(&by_loops, shape, w, x, tape, y);
}

void block_backward(const struct block_shape *shape, const struct block_weights *w, const real *x,
                    const struct block_tape *tape, const real *dy, real *scratch, real *dx,
                    const struct block_gradients *g) {
    backward(&by_blas, shape, w, x, tape, dy, scratch, dx, g);
}

void block_backward_plain(const struct block_shape *shape, const struct block_weights *w, const real *x,
                          const struct block_tape *tape, const real *dy, real *scratch, real *dx,
                          const struct block_gradients *g) {
    backward(&by_loops, shape, w, x, tape, dy, scratch, dx, g);
}
