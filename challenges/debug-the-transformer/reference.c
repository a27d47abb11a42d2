/* SPDX-License-Identifier: MIT */
/* The block and its parts: reference/block.h and what it is made of, with the contract's += around it, the gauges, and
 * the inputs that show one mistake at a time. */
#include "reference/block.h"

#include <stdlib.h>
#include <string.h>

#include "reference/block_attention.h"
#include "reference/gelu.h"
#include "reference/linear.h"
#include "reference/norm.h"

#include "debug-the-transformer.h"

static struct block_shape shape_of(int32_t b, int32_t t, int32_t d, int32_t h, int32_t f)
{
    return (struct block_shape){.batches = (size_t)b,
                                .tokens = (size_t)t,
                                .width = (size_t)d,
                                .heads = (size_t)h,
                                .hidden = (size_t)f,
                                .eps = (double)BLOCK_EPS};
}

static struct block_shape block_of(const struct block_sizes *p)
{
    return shape_of(p->b, p->t, p->d, p->h, p->f);
}

static size_t rows_of(const struct block_shape *s)
{
    return s->batches * s->tokens;
}

static real *room(size_t count)
{
    return calloc(count + 1, sizeof(real));
}

static real *copy_of(size_t count, const real *x)
{
    real *copy = room(count);

    if (copy != NULL && count > 0)
        memcpy(copy, x, count * sizeof *copy);
    return copy;
}

static void add_to(size_t count, const real *x, real *sum)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

static real inner(size_t count, const real *x, const real *y)
{
    real sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += x[i] * y[i];
    return sum;
}

/* ------------------------------------------------------------------ norm */

int reference_block_norm_forward(int32_t b, int32_t t, int32_t d, const real *x, const real *gain, const real *bias,
                                 real *y, real *mean, real *rstd, real *gauge_y, real *gauge_mean, real *gauge_rstd)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;

    layer_norm_forward(rows, n, (real)BLOCK_EPS, x, gain, bias, y, mean, rstd);
    layer_norm_forward_gauge(rows, n, x, gain, bias, mean, rstd, gauge_y, gauge_mean, gauge_rstd);
    return 0;
}

int plain_block_norm_forward(int32_t b, int32_t t, int32_t d, const real *x, const real *gain, const real *bias,
                             real *y, real *mean, real *rstd)
{
    layer_norm_forward_plain((size_t)b * (size_t)t, (size_t)d, (real)BLOCK_EPS, x, gain, bias, y, mean, rstd);
    return 0;
}

int reference_block_norm_backward(int32_t b, int32_t t, int32_t d, const real *dy, const real *x, const real *gain,
                                  const real *mean, const real *rstd, real *dx, real *dgain, real *dbias,
                                  real *gauge_dx, real *gauge_dgain, real *gauge_dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d, count = rows * n;
    real *around = copy_of(count, dx);

    if (around == NULL)
        return 1;
    layer_norm_backward_gauge(rows, n, dy, x, gain, mean, rstd, true, dgain, dbias, gauge_dx, gauge_dgain, gauge_dbias);
    layer_norm_backward(rows, n, dy, x, gain, mean, rstd, true, dx, dgain, dbias);
    add_to(count, around, dx);
    for (size_t i = 0; gauge_dx != NULL && i < count; i++)
        gauge_dx[i] += real_fabs(around[i]);
    free(around);
    return 0;
}

int plain_block_norm_backward(int32_t b, int32_t t, int32_t d, const real *dy, const real *x, const real *gain,
                              const real *mean, const real *rstd, real *dx, real *dgain, real *dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;
    real *around = copy_of(rows * n, dx);

    if (around == NULL)
        return 1;
    layer_norm_backward_plain(rows, n, dy, x, gain, mean, rstd, true, dx, dgain, dbias);
    add_to(rows * n, around, dx);
    free(around);
    return 0;
}

/* sum dy*y, with x, gain and bias (0, since it does not matter) moved by what dx, dgain and dbias hold. The gradient
 * goes through mean and rstd, so they are those of the moved row. */
real objective_block_norm_backward(int32_t b, int32_t t, int32_t d, const real *dy, const real *x, const real *gain,
                                   const real *mean, const real *rstd, const real *dx, const real *dgain,
                                   const real *dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;
    real *moved = copy_of(rows * n, x), *scale = copy_of(n, gain), *y = room(rows * n), *stats = room(2 * rows);
    real loss = NAN;

    (void)mean, (void)rstd;
    if (moved != NULL && scale != NULL && y != NULL && stats != NULL) {
        add_to(rows * n, dx, moved);
        add_to(n, dgain, scale);
        layer_norm_forward_plain(rows, n, (real)BLOCK_EPS, moved, scale, dbias, y, stats, stats + rows);
        loss = inner(rows * n, dy, y);
    }
    free(moved);
    free(scale);
    free(y);
    free(stats);
    return loss;
}

/* Makes mean and rstd belong to x. */
int generate_stats(int32_t b, int32_t t, int32_t d, real *dy, real *x, real *gain, real *mean, real *rstd, real *dx,
                   real *dgain, real *dbias)
{
    (void)dy, (void)gain, (void)dx, (void)dgain, (void)dbias;
    layer_norm_stats((size_t)b * (size_t)t, (size_t)d, (real)BLOCK_EPS, x, mean, rstd);
    return 0;
}

/* And g = gain*dy averages to exactly 0 in every row: neighbours have the same gain and opposite dy. */
int generate_balanced(int32_t b, int32_t t, int32_t d, real *dy, real *x, real *gain, real *mean, real *rstd, real *dx,
                      real *dgain, real *dbias)
{
    size_t n = (size_t)d;

    for (size_t i = 0; i < n; i++)
        gain[i] = gain[i & ~(size_t)1];
    for (size_t r = 0; r < (size_t)b * (size_t)t; r++)
        for (size_t i = 0; i < n; i++)
            dy[r * n + i] = i % 2 == 1 ? -dy[r * n + i - 1] : i + 1 < n ? dy[r * n + i] : 0;
    return generate_stats(b, t, d, dy, x, gain, mean, rstd, dx, dgain, dbias);
}

/* ---------------------------------------------------------------- linear */

int reference_block_linear_forward(int32_t b, int32_t t, int32_t in, int32_t out, const real *x, const real *w,
                                   const real *bias, real *y, real *gauge_y)
{
    const struct linear_shape shape = {(size_t)b * (size_t)t, (size_t)in, (size_t)out};

    linear_forward(&shape, x, w, bias, y);
    for (size_t r = 0; gauge_y != NULL && r < shape.rows; r++)
        for (size_t o = 0; o < shape.out; o++) {
            real sum = real_fabs(bias[o]);
            for (size_t i = 0; i < shape.in; i++)
                sum += real_fabs(x[r * shape.in + i] * w[i * shape.out + o]);
            gauge_y[r * shape.out + o] = sum;
        }
    return 0;
}

int plain_block_linear_forward(int32_t b, int32_t t, int32_t in, int32_t out, const real *x, const real *w,
                               const real *bias, real *y)
{
    const struct linear_shape shape = {(size_t)b * (size_t)t, (size_t)in, (size_t)out};

    linear_forward_plain(&shape, x, w, bias, y);
    return 0;
}

/* Every product counts with its magnitude, and so does what dw and dbias hold before. */
static void linear_backward_gauge(const struct linear_shape *s, const real *dy, const real *x, const real *w,
                                  const real *dw, const real *dbias, real *gauge_dx, real *gauge_dw, real *gauge_dbias)
{
    for (size_t i = 0; i < s->in * s->out; i++)
        gauge_dw[i] = real_fabs(dw[i]);
    for (size_t o = 0; o < s->out; o++)
        gauge_dbias[o] = real_fabs(dbias[o]);
    for (size_t r = 0; r < s->rows; r++) {
        for (size_t o = 0; o < s->out; o++)
            gauge_dbias[o] += real_fabs(dy[r * s->out + o]);
        for (size_t i = 0; i < s->in; i++) {
            real sum = 0;
            for (size_t o = 0; o < s->out; o++) {
                sum += real_fabs(dy[r * s->out + o] * w[i * s->out + o]);
                gauge_dw[i * s->out + o] += real_fabs(x[r * s->in + i] * dy[r * s->out + o]);
            }
            gauge_dx[r * s->in + i] = sum;
        }
    }
}

int reference_block_linear_backward(int32_t b, int32_t t, int32_t in, int32_t out, const real *dy, const real *x,
                                    const real *w, real *dx, real *dw, real *dbias, real *gauge_dx, real *gauge_dw,
                                    real *gauge_dbias)
{
    const struct linear_shape shape = {(size_t)b * (size_t)t, (size_t)in, (size_t)out};

    if (gauge_dx != NULL && gauge_dw != NULL && gauge_dbias != NULL)
        linear_backward_gauge(&shape, dy, x, w, dw, dbias, gauge_dx, gauge_dw, gauge_dbias);
    linear_backward(&shape, x, w, dy, true, dx, dw, dbias);
    return 0;
}

int plain_block_linear_backward(int32_t b, int32_t t, int32_t in, int32_t out, const real *dy, const real *x,
                                const real *w, real *dx, real *dw, real *dbias)
{
    const struct linear_shape shape = {(size_t)b * (size_t)t, (size_t)in, (size_t)out};

    linear_backward_plain(&shape, x, w, dy, true, dx, dw, dbias);
    return 0;
}

/* sum dy*((x + dx)(w + dw) + dbias) */
real objective_block_linear_backward(int32_t b, int32_t t, int32_t in, int32_t out, const real *dy, const real *x,
                                     const real *w, const real *dx, const real *dw, const real *dbias)
{
    const struct linear_shape shape = {(size_t)b * (size_t)t, (size_t)in, (size_t)out};
    size_t inputs = shape.rows * shape.in, weights = shape.in * shape.out, outputs = shape.rows * shape.out;
    real *moved_x = copy_of(inputs, x), *moved_w = copy_of(weights, w), *y = room(outputs), loss = NAN;

    if (moved_x != NULL && moved_w != NULL && y != NULL) {
        add_to(inputs, dx, moved_x);
        add_to(weights, dw, moved_w);
        linear_forward_plain(&shape, moved_x, moved_w, dbias, y);
        loss = inner(outputs, dy, y);
    }
    free(moved_x);
    free(moved_w);
    free(y);
    return loss;
}

/* ------------------------------------------------------------- attention */

/* One query's row: its probabilities, how uncertain they are, and the gradients that belong to them. */
struct gauge_row {
    size_t width, stride, keys;
    real scale;
    const real *q, *k, *v;
    real *p, *gauge_p; /* [keys] */
    real *ds;          /* [keys]: the gauge of the gradient of the scores */
};

/* A score moves by u*scale*sum|q k| and, once the largest is subtracted, by u*|s - max|; p_j follows with p_j times
 * that, and once more through the sum of the row. */
static void gauge_probabilities(const struct gauge_row *r)
{
    real top = -INFINITY, sum = 0, mean = 0;

    for (size_t j = 0; j < r->keys; j++) {
        r->p[j] = r->scale * inner(r->width, r->q, r->k + j * r->stride);
        top = real_fmax(top, r->p[j]);
    }
    for (size_t j = 0; j < r->keys; j++) {
        real magnitude = top - r->p[j];
        for (size_t c = 0; c < r->width; c++)
            magnitude += r->scale * real_fabs(r->q[c] * r->k[j * r->stride + c]);
        r->gauge_p[j] = magnitude;
        r->p[j] = real_exp(r->p[j] - top);
        sum += r->p[j];
    }
    for (size_t j = 0; j < r->keys; j++) {
        r->p[j] /= sum;
        mean += r->p[j] * r->gauge_p[j];
    }
    for (size_t j = 0; j < r->keys; j++)
        r->gauge_p[j] = r->p[j] * (1 + mean + r->gauge_p[j]);
}

static void gauge_mix(const struct gauge_row *r, real *gauge)
{
    for (size_t c = 0; c < r->width; c++) {
        real o = 0;
        gauge[c] = 0;
        for (size_t j = 0; j < r->keys; j++)
            o += r->p[j] * r->v[j * r->stride + c];
        for (size_t j = 0; j < r->keys; j++) {
            real v = r->v[j * r->stride + c];
            gauge[c] += r->p[j] * real_fabs(v) + r->gauge_p[j] * real_fabs(v - o);
        }
    }
}

/* dp_j = <up, v_j>, ds_j = p_j*(dp_j - sum p dp): a change of p_j tells by dp_j - sum p dp, one of dp_j by p_j, and one
 * of the sum by p_j again. */
static void gauge_scores(const struct gauge_row *r, const real *up)
{
    real mean = 0, mean_gauge = 0;

    for (size_t j = 0; j < r->keys; j++)
        mean += r->p[j] * inner(r->width, up, r->v + j * r->stride);
    for (size_t j = 0; j < r->keys; j++) {
        real dp = inner(r->width, up, r->v + j * r->stride), magnitude = 0;
        for (size_t c = 0; c < r->width; c++)
            magnitude += real_fabs(up[c] * r->v[j * r->stride + c]);
        mean_gauge += r->p[j] * magnitude + r->gauge_p[j] * real_fabs(dp - mean);
        r->ds[j] = r->gauge_p[j] * real_fabs(dp - mean) + r->p[j] * (magnitude + real_fabs(dp - mean));
    }
    for (size_t j = 0; j < r->keys; j++)
        r->ds[j] += r->p[j] * mean_gauge;
}

static void gauge_query_and_keys(const struct gauge_row *r, const real *up, real *dq, real *dk, real *dv)
{
    for (size_t j = 0; j < r->keys; j++)
        for (size_t c = 0; c < r->width; c++) {
            dq[c] += r->scale * r->ds[j] * real_fabs(r->k[j * r->stride + c]);
            dk[j * r->stride + c] += r->scale * r->ds[j] * real_fabs(r->q[c]);
            dv[j * r->stride + c] += (r->p[j] + r->gauge_p[j]) * real_fabs(up[c]);
        }
}

/* Either gauge_mix of the forward pass, or with dmix gauge_dqkv of the backward pass. */
static int attention_gauge(const struct block_shape *s, const real *qkv, const real *dmix, real *mix, real *dqkv)
{
    size_t t = s->tokens, d = s->width, width = d / s->heads, stride = 3 * d;
    real *space = room(3 * t);

    if (space == NULL)
        return 1;
    if (dqkv != NULL)
        memset(dqkv, 0, rows_of(s) * stride * sizeof *dqkv);
    for (size_t n = 0; n < s->batches * s->heads * t; n++) {
        size_t batch = n / (s->heads * t), head = n / t % s->heads, i = n % t, first = batch * t;
        size_t at = first * stride + head * width, row = at + i * stride, out = (first + i) * d + head * width;
        const struct gauge_row r = {width, stride, i + 1, 1 / real_sqrt((real)width), qkv + row, qkv + at + d,
                                    qkv + at + 2 * d, space, space + t, space + 2 * t};
        gauge_probabilities(&r);
        if (mix != NULL)
            gauge_mix(&r, mix + out);
        if (dqkv == NULL)
            continue;
        gauge_scores(&r, dmix + out);
        gauge_query_and_keys(&r, dmix + out, dqkv + row, dqkv + at + d, dqkv + at + 2 * d);
    }
    free(space);
    return 0;
}

static int heads(int32_t b, int32_t t, int32_t d, int32_t h, const real *qkv, real *mix, bool plain)
{
    const struct block_shape shape = shape_of(b, t, d, h, 0);
    real *weights = room(shape.batches * shape.heads * shape.tokens * shape.tokens);

    if (weights == NULL)
        return 1;
    (plain ? heads_forward_plain : heads_forward)(&shape, qkv, weights, mix);
    free(weights);
    return 0;
}

int reference_block_attention_forward(int32_t b, int32_t t, int32_t d, int32_t h, const real *qkv, real *mix,
                                      real *gauge)
{
    const struct block_shape shape = shape_of(b, t, d, h, 0);

    if (gauge != NULL && attention_gauge(&shape, qkv, NULL, gauge, NULL) != 0)
        return 1;
    return heads(b, t, d, h, qkv, mix, false);
}

int plain_block_attention_forward(int32_t b, int32_t t, int32_t d, int32_t h, const real *qkv, real *mix)
{
    return heads(b, t, d, h, qkv, mix, true);
}

static int heads_gradient(int32_t b, int32_t t, int32_t d, int32_t h, const real *dmix, const real *qkv, real *dqkv,
                          bool plain)
{
    const struct block_shape shape = shape_of(b, t, d, h, 0);
    real *weights = room(shape.batches * shape.heads * shape.tokens * shape.tokens);
    real *mix = room(rows_of(&shape) * shape.width), *stripe = room(BLOCK_STRIPE * shape.tokens);
    bool enough = weights != NULL && mix != NULL && stripe != NULL;

    if (enough) {
        (plain ? heads_forward_plain : heads_forward)(&shape, qkv, weights, mix);
        (plain ? heads_backward_plain : heads_backward)(&shape, qkv, weights, dmix, stripe, dqkv);
    }
    free(weights);
    free(mix);
    free(stripe);
    return enough ? 0 : 1;
}

int reference_block_attention_backward(int32_t b, int32_t t, int32_t d, int32_t h, const real *dmix, const real *qkv,
                                       real *dqkv, real *gauge)
{
    const struct block_shape shape = shape_of(b, t, d, h, 0);

    if (gauge != NULL && attention_gauge(&shape, qkv, dmix, NULL, gauge) != 0)
        return 1;
    return heads_gradient(b, t, d, h, dmix, qkv, dqkv, false);
}

int plain_block_attention_backward(int32_t b, int32_t t, int32_t d, int32_t h, const real *dmix, const real *qkv,
                                   real *dqkv)
{
    return heads_gradient(b, t, d, h, dmix, qkv, dqkv, true);
}

real objective_block_attention_backward(int32_t b, int32_t t, int32_t d, int32_t h, const real *dmix, const real *qkv,
                                        const real *dqkv)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;
    real *moved = copy_of(rows * 3 * n, qkv), *mix = room(rows * n), loss = NAN;

    if (moved != NULL && mix != NULL) {
        add_to(rows * 3 * n, dqkv, moved);
        if (heads(b, t, d, h, moved, mix, true) == 0)
            loss = inner(rows * n, dmix, mix);
    }
    free(moved);
    free(mix);
    return loss;
}

/* No values, so no gradient by the probabilities: all that is left is dv. */
int generate_no_values(int32_t b, int32_t t, int32_t d, int32_t h, real *dmix, real *qkv, real *dqkv)
{
    size_t n = (size_t)d;

    (void)h, (void)dmix, (void)dqkv;
    for (size_t r = 0; r < (size_t)b * (size_t)t; r++)
        memset(qkv + r * 3 * n + 2 * n, 0, n * sizeof *qkv);
    return 0;
}

/* A key that comes right after its query would have a probability of exp(-60): whether it is masked does not show. Key
 * j has a 1 in column j and 0 in the other of the first t columns, so the heads have to be wider than that. */
int generate_blind_to_next(int32_t b, int32_t t, int32_t d, int32_t h, real *dmix, real *qkv, real *dqkv)
{
    size_t tokens = (size_t)t, n = (size_t)d, width = n / (size_t)h;

    (void)dmix, (void)dqkv;
    if (width < tokens)
        return 1;
    for (size_t r = 0; r < (size_t)b * tokens * (size_t)h; r++) {
        size_t position = r / (size_t)h, i = position % tokens;
        real *q = qkv + position * 3 * n + r % (size_t)h * width, *k = q + n;
        for (size_t c = 0; c < tokens; c++)
            k[c] = c == i ? 1 : 0;
        if (i + 1 < tokens)
            q[i + 1] = -90 * real_sqrt((real)width);
    }
    return 0;
}

/* ------------------------------------------------------------------ gelu */

/* tanh u is uncertain by (1 - tanh^2)*|u| and its own last place; 1 + tanh and 1 - tanh^2 cancel. `slope` NULL or the
 * gauge of the derivative. */
static real gelu_gauge(real x, real *slope)
{
    const real outer = (real)0.79788456080286535588, cubic = (real)0.044715;
    real u = outer * (x + cubic * x * x * x), du = outer * (1 + 3 * cubic * x * x);
    real e = real_exp(-2 * real_fabs(u)), bent = 4 * e / ((1 + e) * (1 + e)); /* 1 - tanh(u)^2 */
    real uncertain = bent * real_fabs(u) + 1;

    if (slope != NULL)
        *slope = uncertain * (1 + real_fabs(x) * du);
    return real_fabs(x) * uncertain;
}

int reference_block_gelu_forward(int32_t n, const real *x, real *y, real *gauge)
{
    gelu_forward((size_t)n, x, y);
    for (size_t i = 0; gauge != NULL && i < (size_t)n; i++)
        gauge[i] = gelu_gauge(x[i], NULL);
    return 0;
}

int plain_block_gelu_forward(int32_t n, const real *x, real *y)
{
    gelu_forward_plain((size_t)n, x, y);
    return 0;
}

int reference_block_gelu_backward(int32_t n, const real *dy, const real *x, real *dx, real *gauge)
{
    gelu_backward((size_t)n, x, dy, dx);
    for (size_t i = 0; gauge != NULL && i < (size_t)n; i++) {
        gelu_gauge(x[i], &gauge[i]);
        gauge[i] *= real_fabs(dy[i]);
    }
    return 0;
}

int plain_block_gelu_backward(int32_t n, const real *dy, const real *x, real *dx)
{
    gelu_backward_plain((size_t)n, x, dy, dx);
    return 0;
}

real objective_block_gelu_backward(int32_t n, const real *dy, const real *x, const real *dx)
{
    real loss = 0;

    for (size_t i = 0; i < (size_t)n; i++) {
        real moved = x[i] + dx[i], y;
        gelu_forward_plain(1, &moved, &y);
        loss += dy[i] * y;
    }
    return loss;
}

/* ----------------------------------------------------------------- block */

/* Where so many roundings meet that the first-order term of each element would be a coarse bound, an element is held
 * against the root mean square of the part that it belongs to: adds that to the gauge. */
static void gauge_by_size(size_t count, const real *value, real *gauge)
{
    real size = real_sqrt(inner(count, value, value) / (real)(count > 0 ? count : 1));

    for (size_t i = 0; i < count; i++)
        gauge[i] += size;
}

static void gauge_rows(const struct block_shape *s, const real *value, const real *around, real *gauge)
{
    for (size_t r = 0; r < rows_of(s); r++) {
        for (size_t i = r * s->width; i < (r + 1) * s->width; i++)
            gauge[i] = real_fabs(around[i]);
        gauge_by_size(s->width, value + r * s->width, gauge + r * s->width);
    }
}

static int whole_forward(const struct block_sizes *p, const real *params, const real *x, real *y, bool plain)
{
    const struct block_shape shape = block_of(p);
    const struct block_weights weights = block_weights_at(&shape, params);
    real *storage = room(block_tape_reals(&shape));

    if (storage == NULL)
        return 1;
    const struct block_tape tape = block_tape_at(&shape, storage);
    (plain ? block_forward_plain : block_forward)(&shape, &weights, x, &tape, y);
    free(storage);
    return 0;
}

int reference_block_forward(const struct block_sizes *p, const real *params, const real *x, real *y, real *gauge)
{
    const struct block_shape shape = block_of(p);

    if (whole_forward(p, params, x, y, false) != 0)
        return 1;
    if (gauge != NULL)
        gauge_rows(&shape, y, x, gauge);
    return 0;
}

int plain_block_forward(const struct block_sizes *p, const real *params, const real *x, real *y)
{
    return whole_forward(p, params, x, y, true);
}

static int whole_backward(const struct block_sizes *p, const real *dy, const real *params, const real *x, real *dx,
                          real *dparams, bool plain)
{
    const struct block_shape shape = block_of(p);
    const struct block_weights weights = block_weights_at(&shape, params);
    const struct block_gradients gradients = block_gradients_at(&shape, dparams);
    size_t tape_reals = block_tape_reals(&shape), count = rows_of(&shape) * shape.width;
    real *storage = room(tape_reals + block_scratch_reals(&shape) + count);

    if (storage == NULL)
        return 1;
    const struct block_tape tape = block_tape_at(&shape, storage);
    real *y = storage + tape_reals, *scratch = y + count;
    (plain ? block_forward_plain : block_forward)(&shape, &weights, x, &tape, y);
    (plain ? block_backward_plain : block_backward)(&shape, &weights, x, &tape, dy, scratch, dx, &gradients);
    free(storage);
    return 0;
}

/* The twelve tensors of a flat array, each with its elements. */
static void gauge_tensors(const struct block_shape *s, const real *value, real *gauge)
{
    size_t d = s->width, f = s->hidden;
    const size_t elements[] = {d, d, 3 * d * d, 3 * d, d * d, d, d, d, d * f, f, f * d, d};

    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        gauge_by_size(elements[i], value, gauge);
        value += elements[i];
        gauge += elements[i];
    }
}

int reference_block_backward(const struct block_sizes *p, const real *dy, const real *params, const real *x, real *dx,
                             real *dparams, real *gauge_dx, real *gauge_dparams)
{
    const struct block_shape shape = block_of(p);
    size_t count = block_parameter_reals(&shape);
    real *before = copy_of(count, dparams), *gradient = room(count);
    int status = before == NULL || gradient == NULL;

    if (status == 0)
        status = whole_backward(p, dy, params, x, dx, dparams, false);
    if (status == 0 && gauge_dx != NULL)
        gauge_rows(&shape, dx, dy, gauge_dx);
    for (size_t i = 0; status == 0 && gauge_dparams != NULL && i < count; i++) {
        gradient[i] = dparams[i] - before[i];
        gauge_dparams[i] = real_fabs(before[i]);
    }
    if (status == 0 && gauge_dparams != NULL)
        gauge_tensors(&shape, gradient, gauge_dparams);
    free(before);
    free(gradient);
    return status;
}

int plain_block_backward(const struct block_sizes *p, const real *dy, const real *params, const real *x, real *dx,
                         real *dparams)
{
    return whole_backward(p, dy, params, x, dx, dparams, true);
}

real objective_block_backward(const struct block_sizes *p, const real *dy, const real *params, const real *x,
                              const real *dx, const real *dparams)
{
    const struct block_shape shape = block_of(p);
    size_t count = rows_of(&shape) * shape.width, parameters = block_parameter_reals(&shape);
    real *moved_x = copy_of(count, x), *moved = copy_of(parameters, params), *y = room(count), loss = NAN;

    if (moved_x != NULL && moved != NULL && y != NULL) {
        add_to(count, dx, moved_x);
        add_to(parameters, dparams, moved);
        if (whole_forward(p, moved, moved_x, y, true) == 0)
            loss = inner(count, dy, y);
    }
    free(moved_x);
    free(moved);
    free(y);
    return loss;
}

/* Makes parameters of normal numbers: gains around 1, small biases, matrices that keep the size of what they map. */
static void scale_parameters(const struct block_shape *s, real *params)
{
    size_t d = s->width, f = s->hidden;
    const struct {
        size_t elements;
        real base, factor;
    } part[] = {{d, 1, (real)0.25},
                {d, 0, (real)0.25},
                {3 * d * d, 0, 1 / real_sqrt((real)d)},
                {3 * d, 0, (real)0.25},
                {d * d, 0, 1 / real_sqrt((real)d)},
                {d, 0, (real)0.25},
                {d, 1, (real)0.25},
                {d, 0, (real)0.25},
                {d * f, 0, 1 / real_sqrt((real)d)},
                {f, 0, (real)0.25},
                {f * d, 0, 1 / real_sqrt((real)(f > 0 ? f : 1))},
                {d, 0, (real)0.25}};

    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        for (size_t k = 0; k < part[i].elements; k++, params++)
            *params = part[i].base + part[i].factor * *params;
}

int generate_weights(const struct block_sizes *p, real *params, real *x, real *y)
{
    const struct block_shape shape = block_of(p);

    (void)x, (void)y;
    scale_parameters(&shape, params);
    return 0;
}

int generate_weights_for_backward(const struct block_sizes *p, real *dy, real *params, real *x, real *dx, real *dparams)
{
    const struct block_shape shape = block_of(p);

    (void)dy, (void)x, (void)dx, (void)dparams;
    scale_parameters(&shape, params);
    return 0;
}
