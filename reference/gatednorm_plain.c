/* SPDX-License-Identifier: MIT */
/* The gradient row by row, the second opinion on rounding: the layers' plain variants on one row at a time, which adds
 * to the gradients of the weights; sums in order; da from the product z W3, as the formula of y has it. */
#include <stdlib.h>
#include <string.h>

#include "reference/gatednorm.h"
#include "reference/linear.h"

/* What one row needs: as wide as x (r, u, dr, more), as wide as p (value, slope, q, z, dz). */
struct row {
    real *r, *u, *dr, *more, *value, *slope, *q, *z, *dz;
};

static int row_open(const struct gatednorm_shape *s, struct row *row) {
    real *at = malloc((4 * s->width + 5 * s->inner) * sizeof *at);
    real **narrow[] = {&row->r, &row->u, &row->dr, &row->more};
    real **wide[] = {&row->value, &row->slope, &row->q, &row->z, &row->dz};
    if (at == NULL)
        return -1;
    for (size_t i = 0; i < 4; i++, at += s->width)
        *narrow[i] = at;
    for (size_t i = 0; i < 5; i++, at += s->inner)
        *wide[i] = at;
    return 0;
}

static real row_scale(const struct gatednorm_shape *s, const real *x) {
    real sum = 0;
    for (size_t k = 0; k < s->width; k++)
        sum += x[k] * x[k];
    return 1 / real_sqrt(sum / gatednorm_mean(s) + s->eps);
}

static void norm_row(const struct gatednorm_shape *s, const real *gain, const real *x, const real *dy, real scale,
                     const real *dr, real *dx, real *dgain) {
    real sum = 0;
    for (size_t k = 0; k < s->width; k++) {
        dgain[k] += dr[k] * x[k] * scale;
        sum += gain[k] * dr[k] * x[k];
    }
    for (size_t k = 0; k < s->width; k++)
        dx[k] = dy[k] + gain[k] * dr[k] * scale - x[k] * (scale * scale * scale) * (sum / gatednorm_mean(s));
}

/* Adds to out's weights, and returns dy*(z W3) of this row. */
static real backward_row(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const struct row *row,
                         const real *x, const real *dy, const struct gatednorm_gradient *out, real *dx) {
    const struct linear_shape in = {1, s->width, s->inner}, back = {1, s->inner, s->width};
    const real scale = row_scale(s, x), c = (real)tanh((double)w->a);
    real dot = 0;
    for (size_t k = 0; k < s->width; k++)
        row->r[k] = x[k] * scale * w->gain[k];
    linear_forward_plain(&in, row->r, w->w1, NULL, row->value);
    linear_forward_plain(&in, row->r, w->w2, NULL, row->q);
    gate_both_plain(s->gate, s->inner, row->value, row->value, row->slope);
    for (size_t j = 0; j < s->inner; j++)
        row->z[j] = row->value[j] * row->q[j];
    linear_forward_plain(&back, row->z, w->w3, NULL, row->u);
    for (size_t k = 0; k < s->width; k++) {
        dot += dy[k] * row->u[k];
        row->u[k] = c * dy[k];
    }
    linear_backward_plain(&back, row->z, w->w3, row->u, true, row->dz, out->dw3, NULL);
    for (size_t j = 0; j < s->inner; j++) {
        row->slope[j] *= row->dz[j] * row->q[j];
        row->value[j] *= row->dz[j];
    }
    linear_backward_plain(&in, row->r, w->w1, row->slope, true, row->dr, out->dw1, NULL);
    linear_backward_plain(&in, row->r, w->w2, row->value, true, row->more, out->dw2, NULL);
    for (size_t k = 0; k < s->width; k++)
        row->dr[k] += row->more[k];
    norm_row(s, w->gain, x, dy, scale, row->dr, dx, out->dgain);
    return dot;
}

int gatednorm_backward_plain(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const real *x,
                             const real *dy, const struct gatednorm_gradient *out) {
    const size_t matrix = s->width * s->inner;
    const double c = tanh((double)w->a);
    struct row row;
    real total = 0;
    if (row_open(s, &row) != 0)
        return -1;
    memset(out->dgain, 0, s->width * sizeof(real));
    memset(out->dw1, 0, matrix * sizeof(real));
    memset(out->dw2, 0, matrix * sizeof(real));
    memset(out->dw3, 0, matrix * sizeof(real));
    for (size_t i = 0; i < s->rows; i++)
        total += backward_row(s, w, &row, x + i * s->width, dy + i * s->width, out, out->dx + i * s->width);
    *out->da = (real)(1 - c * c) * total;
    free(row.r);
    return 0;
}
