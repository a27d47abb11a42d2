/* SPDX-License-Identifier: MIT */
/* The gradient in seven matrix products and two passes over what is between them. The scalar gate c multiplies z before
 * the product that gives dW3, and e after it: no matrix is scaled in a pass of its own, and sum(z*e) is right where c
 * is 0. */
#include "reference/gatednorm.h"

#include <stdlib.h>
#include <string.h>

#include "reference/linear.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

real gatednorm_mean(const struct gatednorm_shape *shape) {
    return shape->norm == GATEDNORM_RMS ? (real)shape->width : 1;
}

void gatednorm_normalise(const struct gatednorm_shape *s, const real *gain, const real *x, real *rinv, real *r) {
    for (size_t i = 0; i < s->rows; i++) {
        const real *from = x + i * s->width;
        real *to = r + i * s->width, sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t k = 0; k < s->width; k++)
            sum += from[k] * from[k];
        const real scale = 1 / real_sqrt(sum / gatednorm_mean(s) + s->eps);
        rinv[i] = scale;
        for (size_t k = 0; k < s->width; k++)
            to[k] = gain[k] * (from[k] * scale);
    }
}

static struct linear_shape inward(const struct gatednorm_shape *s) {
    return (struct linear_shape){s->rows, s->width, s->inner};
}

static struct linear_shape outward(const struct gatednorm_shape *s) {
    return (struct linear_shape){s->rows, s->inner, s->width};
}

/* rinv[rows], three arrays as wide as x and four as wide as p: one piece of memory, freed as rinv. */
struct room {
    real *rinv, *narrow[3], *wide[4];
};

static int room_open(const struct gatednorm_shape *s, struct room *room) {
    const size_t narrow = s->rows * s->width, wide = s->rows * s->inner;
    real *at = malloc((s->rows + 3 * narrow + 4 * wide + 1) * sizeof *at);
    *room = (struct room){.rinv = at};
    if (at == NULL)
        return -1;
    at += s->rows;
    for (size_t i = 0; i < 3; i++, at += narrow)
        room->narrow[i] = at;
    for (size_t i = 0; i < 4; i++, at += wide)
        room->wide[i] = at;
    return 0;
}

static real tanh_of(real a) {
    return (real)tanh((double)a);
}

int gatednorm_forward(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const real *x, real *y) {
    const struct linear_shape in = inward(s), out = outward(s);
    const real c = tanh_of(w->a);
    struct room room;
    if (room_open(s, &room) != 0)
        return -1;
    real *r = room.narrow[0], *p = room.wide[0], *q = room.wide[1], *z = room.wide[2];
    gatednorm_normalise(s, w->gain, x, room.rinv, r);
    linear_forward(&in, r, w->w1, NULL, p);
    linear_forward(&in, r, w->w2, NULL, q);
    gate_both(s->gate, s->rows * s->inner, p, z, NULL);
    for (size_t i = 0; i < s->rows * s->inner; i++)
        z[i] *= q[i];
    linear_forward(&out, z, w->w3, NULL, y);
    for (size_t i = 0; i < s->rows * s->width; i++)
        y[i] = x[i] + c * y[i];
    free(room.rinv);
    return 0;
}

/* value and slope of the gate at p become dq and dp; returns sum(z*e). */
static double gate_backward(size_t n, real c, const real *restrict q, const real *restrict e, real *restrict value,
                            real *restrict slope) {
    enum { BLOCK = 1024 };
    double total = 0;
    for (size_t start = 0; start < n; start += BLOCK) {
        const size_t end = n - start < BLOCK ? n : start + BLOCK;
        real sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t i = start; i < end; i++) {
            const real up = c * e[i];
            sum += value[i] * q[i] * e[i];
            slope[i] *= up * q[i];
            value[i] *= up;
        }
        total += (double)sum;
    }
    return total;
}

/* dr arrives in two parts; the first is overwritten by their sum. */
static void norm_backward(const struct gatednorm_shape *s, const real *restrict gain, const real *restrict x,
                          const real *restrict dy, const real *restrict rinv, real *restrict dr,
                          const real *restrict more, real *restrict dx, real *restrict dgain) {
    memset(dgain, 0, s->width * sizeof *dgain);
    for (size_t i = 0; i < s->rows; i++) {
        const size_t at = i * s->width;
        const real scale = rinv[i];
        real sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t k = 0; k < s->width; k++) {
            const real all = dr[at + k] + more[at + k], xhat = x[at + k] * scale;
            dr[at + k] = all;
            dgain[k] += all * xhat;
            sum += gain[k] * all * xhat;
        }
        const real share = sum / gatednorm_mean(s);
        for (size_t k = 0; k < s->width; k++)
            dx[at + k] = dy[at + k] + scale * (gain[k] * dr[at + k] - x[at + k] * scale * share);
    }
}

int gatednorm_backward(const struct gatednorm_shape *s, const struct gatednorm_weights *w, const real *x,
                       const real *dy, const struct gatednorm_gradient *out) {
    const struct linear_shape in = inward(s), back = outward(s);
    const size_t inside = s->rows * s->inner;
    const real c = tanh_of(w->a);
    struct room room;
    if (room_open(s, &room) != 0)
        return -1;
    real *r = room.narrow[0], *dr = room.narrow[1], *more = room.narrow[2];
    real *value = room.wide[0], *q = room.wide[1], *slope = room.wide[2], *cz = room.wide[3], *e = cz;
    gatednorm_normalise(s, w->gain, x, room.rinv, r);
    linear_forward(&in, r, w->w1, NULL, value);
    linear_forward(&in, r, w->w2, NULL, q);
    gate_both(s->gate, inside, value, value, slope);
    for (size_t i = 0; i < inside; i++)
        cz[i] = c * (value[i] * q[i]);
    linear_backward(&back, cz, w->w3, dy, false, NULL, out->dw3, NULL);
    linear_backward(&back, cz, w->w3, dy, false, e, NULL, NULL); /* reads dy and w3 only */
    const double total = gate_backward(inside, c, q, e, value, slope);
    *out->da = (real)((1 - tanh((double)w->a) * tanh((double)w->a)) * total);
    linear_backward(&in, r, w->w1, slope, false, dr, out->dw1, NULL);
    linear_backward(&in, r, w->w2, value, false, more, out->dw2, NULL);
    norm_backward(s, w->gain, x, dy, room.rinv, dr, more, out->dx, out->dgain);
    free(room.rinv);
    return 0;
}
