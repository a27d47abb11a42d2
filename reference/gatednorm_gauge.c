/* SPDX-License-Identifier: MIT */
/* The gauges of the gated layer: variances, in units of the rounding error squared, carried through the formulas. A
 * product a*b has b^2 var(a) + a^2 var(b) + (ab)^2; a sum has the sum of its terms' variances, so a matrix product is
 * one of squares; the value itself is added once where it is rounded as a whole. Only the double build uses this, and
 * plain loops over whole rows are fast enough. */
#include <stdlib.h>
#include <string.h>

#include "reference/gatednorm.h"
#include "reference/linear.h"

/* Values and variances of one row; w1, w2 and w3 squared are shared by all rows. */
struct row {
    real *squared[3];                              /* [width*inner] each */
    real *r, *var_r, *dr, *var_dr, *more, *square; /* [width] */
    real *p, *q, *z, *e, *dp, *dq;                 /* [inner] */
    real *var_p, *var_q, *var_z, *var_e, *var_dp, *var_dq;
};

static int row_open(const struct gatednorm_shape *s, struct row *row) {
    real **narrow[] = {&row->r, &row->var_r, &row->dr, &row->var_dr, &row->more, &row->square};
    real **wide[] = {&row->p,     &row->q,     &row->z,     &row->e,     &row->dp,     &row->dq,
                     &row->var_p, &row->var_q, &row->var_z, &row->var_e, &row->var_dp, &row->var_dq};
    const size_t narrows = sizeof narrow / sizeof *narrow, wides = sizeof wide / sizeof *wide;
    real *at = malloc((3 * s->width * s->inner + narrows * s->width + wides * s->inner) * sizeof *at);
    if (at == NULL)
        return -1;
    for (size_t i = 0; i < 3; i++, at += s->width * s->inner)
        row->squared[i] = at;
    for (size_t i = 0; i < narrows; i++, at += s->width)
        *narrow[i] = at;
    for (size_t i = 0; i < wides; i++, at += s->inner)
        *wide[i] = at;
    return 0;
}

static real squared(real x) {
    return x * x;
}

/* r = gain*(x*rinv): 1.5 of the root, and one for each of two products. */
static void forward_row(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const struct row *row,
                        const real *x, real *rinv) {
    const struct linear_shape in = {1, s->width, s->inner};
    const struct gatednorm_shape one = {1, s->width, s->inner, s->gate, s->norm, s->eps};
    gatednorm_normalise(&one, w->gain, x, rinv, row->r);
    for (size_t k = 0; k < s->width; k++) {
        row->var_r[k] = squared((real)1.5 * row->r[k]) + 2 * squared(row->r[k]);
        row->square[k] = row->var_r[k] + squared(row->r[k]); /* and one for the product with the weight */
    }
    linear_forward(&in, row->r, w->w1, NULL, row->p);
    linear_forward(&in, row->r, w->w2, NULL, row->q);
    linear_forward(&in, row->square, row->squared[0], NULL, row->var_p);
    linear_forward(&in, row->square, row->squared[1], NULL, row->var_q);
}

/* z, dp and dq with their variances; adds to the sum of z*e and to its variance. The error of rinv, 1.5 and as much for
 * a sum of squares that was long, is the same in the whole row: in a sum over the row its effects add up before they
 * are squared. */
static void gate_row(const struct gatednorm_shape *s, const struct row *row, real c, real *sum, real *variance) {
    real common = 0;
    for (size_t j = 0; j < s->inner; j++) {
        const real p = row->p[j], q = row->q[j], e = row->e[j], up = c * e;
        real value, slope, own_value, own_slope;
        gate_both(s->gate, 1, &p, &value, &slope);
        gate_gauge(s->gate, p, &own_value, &own_slope);
        const real var_value = squared(slope) * row->var_p[j] + squared(own_value);
        const real var_slope = squared(gate_curvature(s->gate, p)) * row->var_p[j] + squared(own_slope);
        const real var_up = squared(c) * row->var_e[j] + 2 * squared(up);
        row->z[j] = value * q;
        row->dq[j] = up * value;
        row->dp[j] = up * q * slope;
        row->var_z[j] = squared(q) * var_value + squared(value) * row->var_q[j] + squared(row->z[j]);
        row->var_dq[j] = squared(value) * var_up + squared(up) * var_value + squared(row->dq[j]);
        row->var_dp[j] = squared(q * slope) * var_up + squared(up * slope) * row->var_q[j] +
                         squared(up * q) * var_slope + 2 * squared(row->dp[j]);
        *sum += row->z[j] * e;
        *variance += squared(e) * row->var_z[j] + squared(row->z[j]) * row->var_e[j] + squared(row->z[j] * e);
        common += e * (slope * p * q + value * q);
    }
    *variance += squared(3 * common);
}

/* Adds the variances of a row's outer product a^T b to those of a weight's gradient. */
static void outer(size_t in, size_t out, const real *a, const real *var_a, const real *b, const real *var_b,
                  real *variance) {
    for (size_t i = 0; variance != NULL && i < in; i++)
        for (size_t j = 0; j < out; j++)
            variance[i * out + j] +=
                squared(a[i]) * ((var_b == NULL ? 0 : var_b[j]) + squared(b[j])) + var_a[i] * squared(b[j]);
}

/* dr = dp W1^T + dq W2^T */
static void dr_row(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const struct row *row) {
    const struct linear_shape in = {1, s->width, s->inner};
    linear_backward(&in, row->r, w->w1, row->dp, false, row->dr, NULL, NULL);
    linear_backward(&in, row->r, w->w2, row->dq, false, row->more, NULL, NULL);
    for (size_t k = 0; k < s->width; k++)
        row->dr[k] += row->more[k];
    for (size_t j = 0; j < s->inner; j++) {
        row->var_dp[j] += squared(row->dp[j]);
        row->var_dq[j] += squared(row->dq[j]);
    }
    linear_backward(&in, row->r, row->squared[0], row->var_dp, false, row->var_dr, NULL, NULL);
    linear_backward(&in, row->r, row->squared[1], row->var_dq, false, row->more, NULL, NULL);
    for (size_t k = 0; k < s->width; k++)
        row->var_dr[k] += row->more[k] + squared(row->dr[k]);
}

/* dx = dy + rinv*(h - xhat*sum(h*xhat)/m), with 1.5 for rinv, and 2.5 for xhat. */
static void norm_row(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const struct row *row,
                     const real *x, const real *dy, real rinv, real *gauge_dx, real *var_dgain) {
    const real mean = gatednorm_mean(s);
    real share = 0, var_share = 0;
    for (size_t k = 0; k < s->width; k++) {
        const real xhat = x[k] * rinv, term = row->dr[k] * xhat, weight = w->gain[k] * xhat;
        share += w->gain[k] * term / mean;
        var_share += (squared(weight) * row->var_dr[k] + squared((real)3.5 * w->gain[k] * term)) / squared(mean);
        if (var_dgain != NULL)
            var_dgain[k] += squared(xhat) * row->var_dr[k] + squared((real)3.5 * term);
    }
    var_share += squared(share);
    for (size_t k = 0; gauge_dx != NULL && k < s->width; k++) {
        const real h = w->gain[k] * row->dr[k], xhat = x[k] * rinv, back = xhat * share;
        const real variance = squared(w->gain[k]) * row->var_dr[k] + squared((real)2.5 * h) +
                              squared(xhat) * var_share + squared(4 * back);
        gauge_dx[k] = real_sqrt(squared(rinv) * variance + squared(dy[k]));
    }
}

static void clear(real *array, size_t n) {
    if (array != NULL)
        memset(array, 0, n * sizeof *array);
}

static void take_roots(real *array, size_t n) {
    for (size_t i = 0; array != NULL && i < n; i++)
        array[i] = real_sqrt(array[i]);
}

static void all_rows(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const struct row *row,
                     const real *x, const real *dy, const struct gatednorm_gradient *out) {
    const struct linear_shape back = {1, s->inner, s->width};
    const size_t width = s->width, inner = s->inner;
    const real c = (real)tanh((double)w->a), open = 1 - c * c;
    real sum = 0, variance = 0;
    for (size_t i = 0; i < s->rows; i++) {
        const real *up = dy + i * width;
        real rinv;
        forward_row(s, w, row, x + i * width, &rinv);
        linear_backward(&back, row->z, w->w3, up, false, row->e, NULL, NULL);
        for (size_t k = 0; k < width; k++)
            row->square[k] = squared(up[k]);
        linear_backward(&back, row->z, row->squared[2], row->square, false, row->var_e, NULL, NULL);
        gate_row(s, row, c, &sum, &variance);
        outer(width, inner, row->r, row->var_r, row->dp, row->var_dp, out->dw1);
        outer(width, inner, row->r, row->var_r, row->dq, row->var_dq, out->dw2);
        outer(inner, width, row->z, row->var_z, up, NULL, out->dw3);
        dr_row(s, w, row);
        norm_row(s, w, row, x + i * width, up, rinv, out->dx == NULL ? NULL : out->dx + i * width, out->dgain);
    }
    for (size_t i = 0; out->dw3 != NULL && i < inner * width; i++)
        out->dw3[i] *= squared(c);
    if (out->da != NULL) /* 1 - c^2 is a difference of 1 and c^2 */
        *out->da = squared(open) * (variance + squared(sum)) + squared(2 * c * c * sum);
}

int gatednorm_backward_gauge(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const real *x,
                             const real *dy, const struct gatednorm_gradient *out) {
    const size_t matrix = s->width * s->inner;
    const real *weight[] = {w->w1, w->w2, w->w3};
    struct row row;
    if (row_open(s, &row) != 0)
        return -1;
    for (size_t m = 0; m < 3; m++)
        for (size_t i = 0; i < matrix; i++)
            row.squared[m][i] = squared(weight[m][i]);
    clear(out->dgain, s->width);
    clear(out->dw1, matrix);
    clear(out->dw2, matrix);
    clear(out->dw3, matrix);
    all_rows(s, w, &row, x, dy, out);
    take_roots(out->dgain, s->width);
    take_roots(out->dw1, matrix);
    take_roots(out->dw2, matrix);
    take_roots(out->dw3, matrix);
    take_roots(out->da, 1);
    free(row.squared[0]);
    return 0;
}
