/* SPDX-License-Identifier: MIT */
/* The linear layer: three matrix products by BLAS. The bias is the initial value of y, so that it costs no pass of its
 * own; a column sum by gemv would read dy with a stride, so db is a plain loop over whole rows. */
#include "reference/linear.h"

#include <string.h>

enum { SIDE_BY_SIDE = 8 };

/* BLAS refuses a leading dimension of 0, and an empty product has nothing for it to do. */
static bool has_product(const struct linear_shape *s) {
    return s->rows > 0 && s->in > 0 && s->out > 0;
}

static void start_rows(const struct linear_shape *s, const real *b, real *y) {
    for (size_t r = 0; r < s->rows && s->out > 0; r++) {
        if (b)
            memcpy(y + r * s->out, b, s->out * sizeof *y);
        else
            memset(y + r * s->out, 0, s->out * sizeof *y);
    }
}

static void start_sums(const struct linear_shape *s, bool accumulate, real *dw, real *db) {
    if (accumulate)
        return;
    if (dw && s->in * s->out > 0)
        memset(dw, 0, s->in * s->out * sizeof *dw);
    if (db && s->out > 0)
        memset(db, 0, s->out * sizeof *db);
}

static void add_rows(const struct linear_shape *s, const real *restrict dy, real *restrict db) {
    for (size_t r = 0; r < s->rows; r++)
        for (size_t j = 0; j < s->out; j++)
            db[j] += dy[r * s->out + j];
}

void linear_forward(const struct linear_shape *s, const real *x, const real *w, const real *b, real *y) {
    int rows = (int)s->rows, in = (int)s->in, out = (int)s->out;
    if (b || !has_product(s))
        start_rows(s, b, y);
    if (has_product(s))
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, out, in, 1, x, in, w, out, b ? 1 : 0, y, out);
}

void linear_backward(const struct linear_shape *s, const real *x, const real *w, const real *dy, bool accumulate,
                     real *dx, real *dw, real *db) {
    int rows = (int)s->rows, in = (int)s->in, out = (int)s->out;
    bool product = has_product(s);
    if (db) {
        start_sums(s, accumulate, NULL, db);
        add_rows(s, dy, db);
    }
    if (dw && product)
        real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, in, out, rows, 1, x, in, dy, out, accumulate ? 1 : 0, dw,
                  out);
    else
        start_sums(s, accumulate, dw, NULL);
    if (dx && product)
        real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, in, out, 1, dy, out, w, out, 0, dx, in);
    else if (dx && s->rows * s->in > 0)
        memset(dx, 0, s->rows * s->in * sizeof *dx);
}

void linear_forward_plain(const struct linear_shape *s, const real *x, const real *w, const real *b, real *y) {
    start_rows(s, b, y);
    for (size_t r = 0; r < s->rows; r++)
        for (size_t i = 0; i < s->in; i++)
            for (size_t j = 0; j < s->out; j++)
                y[r * s->out + j] += x[r * s->in + i] * w[i * s->out + j];
}

/* Each sum runs in order, but several of them run side by side: one alone would wait for every addition. */
static void plain_row_dx(const struct linear_shape *s, const real *w, const real *dy, real *dx) {
    size_t i = 0, out = s->out;
    for (; i + SIDE_BY_SIDE <= s->in; i += SIDE_BY_SIDE) {
        real sum[SIDE_BY_SIDE] = {0};
        for (size_t j = 0; j < out; j++)
            for (size_t k = 0; k < SIDE_BY_SIDE; k++)
                sum[k] += dy[j] * w[(i + k) * out + j];
        memcpy(dx + i, sum, sizeof sum);
    }
    for (; i < s->in; i++) {
        dx[i] = 0;
        for (size_t j = 0; j < out; j++)
            dx[i] += dy[j] * w[i * out + j];
    }
}

void linear_backward_plain(const struct linear_shape *s, const real *x, const real *w, const real *dy, bool accumulate,
                           real *dx, real *dw, real *db) {
    start_sums(s, accumulate, dw, db);
    for (size_t r = 0; r < s->rows; r++) {
        const real *row = dy + r * s->out;
        if (dx)
            plain_row_dx(s, w, row, dx + r * s->in);
        for (size_t i = 0; dw && i < s->in; i++)
            for (size_t j = 0; j < s->out; j++)
                dw[i * s->out + j] += x[r * s->in + i] * row[j];
    }
    if (db)
        add_rows(s, dy, db);
}
