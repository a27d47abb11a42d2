/* SPDX-License-Identifier: MIT */
/* The reference of custom-layer-grad: the layer is in reference/gatednorm.h, in the terms of the contract here. */
#include "custom-layer-grad.h"

#include <stdlib.h>

#include "reference/gatednorm.h"

static struct gatednorm_shape shape_of(const struct gatednorm_params *p) {
    return (struct gatednorm_shape){
        .rows = (size_t)p->n,
        .width = (size_t)p->d,
        .inner = (size_t)p->f,
        .gate = (enum gate)p->gate,
        .norm = (enum gatednorm_norm)p->norm,
        .eps = (real)p->eps,
    };
}

int reference_gatednorm_bwd(const struct gatednorm_params *p, const real *x, const real *g, const real *w1,
                            const real *w2, const real *w3, const real *a, const real *dy, real *dx, real *dg,
                            real *dw1, real *dw2, real *dw3, real *da, real *gauge_dx, real *gauge_dg, real *gauge_dw1,
                            real *gauge_dw2, real *gauge_dw3, real *gauge_da) {
    const struct gatednorm_shape shape = shape_of(p);
    const struct gatednorm_weights weights = {g, w1, w2, w3, *a};
    const struct gatednorm_gradient out = {dx, dg, dw1, dw2, dw3, da};
    const struct gatednorm_gradient gauge = {gauge_dx, gauge_dg, gauge_dw1, gauge_dw2, gauge_dw3, gauge_da};
    int status = gatednorm_backward(&shape, &weights, x, dy, &out);
    if (status == 0 && gauge_dx != NULL)
        status = gatednorm_backward_gauge(&shape, &weights, x, dy, &gauge);
    return status;
}

int plain_gatednorm_bwd(const struct gatednorm_params *p, const real *x, const real *g, const real *w1, const real *w2,
                        const real *w3, const real *a, const real *dy, real *dx, real *dg, real *dw1, real *dw2,
                        real *dw3, real *da) {
    const struct gatednorm_shape shape = shape_of(p);
    const struct gatednorm_weights weights = {g, w1, w2, w3, *a};
    const struct gatednorm_gradient out = {dx, dg, dw1, dw2, dw3, da};
    return gatednorm_backward_plain(&shape, &weights, x, dy, &out);
}

static void add(size_t n, const real *a, const real *b, real *sum) {
    for (size_t i = 0; i < n; i++)
        sum[i] = a[i] + b[i];
}

/* sum dy*y where every input is moved by what its gradient holds. */
real objective_gatednorm_bwd(const struct gatednorm_params *p, const real *x, const real *g, const real *w1,
                             const real *w2, const real *w3, const real *a, const real *dy, const real *dx,
                             const real *dg, const real *dw1, const real *dw2, const real *dw3, const real *da) {
    const struct gatednorm_shape shape = shape_of(p);
    const size_t rows = shape.rows * shape.width, matrix = shape.width * shape.inner;
    real *moved = malloc((2 * rows + shape.width + 3 * matrix) * sizeof *moved), loss = 0;
    if (moved == NULL)
        return (real)NAN;
    real *y = moved + rows, *gain = y + rows, *one = gain + shape.width, *two = one + matrix, *three = two + matrix;
    add(rows, x, dx, moved);
    add(shape.width, g, dg, gain);
    add(matrix, w1, dw1, one);
    add(matrix, w2, dw2, two);
    add(matrix, w3, dw3, three);
    const struct gatednorm_weights weights = {gain, one, two, three, *a + *da};
    if (gatednorm_forward(&shape, &weights, moved, y) != 0)
        loss = (real)NAN;
    for (size_t i = 0; i < rows; i++)
        loss += dy[i] * y[i];
    free(moved);
    return loss;
}

/* Leans dy towards what the branch adds to y: da is one sum, and where its terms are of either sign at random it may
 * cancel by accident, and then says nothing. Zeros in dy stay zeros. */
int generate_aligned(const struct gatednorm_params *p, real *x, real *g, real *w1, real *w2, real *w3, real *a,
                     real *dy, real *dx, real *dg, real *dw1, real *dw2, real *dw3, real *da) {
    const struct gatednorm_shape shape = shape_of(p);
    const struct gatednorm_weights open = {g, w1, w2, w3, 20};
    const size_t count = shape.rows * shape.width;
    real *y = malloc((count + 1) * sizeof *y), size = 0, branch = 0;
    (void)a, (void)dx, (void)dg, (void)dw1, (void)dw2, (void)dw3, (void)da;
    if (y == NULL || gatednorm_forward(&shape, &open, x, y) != 0) {
        free(y);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        size += dy[i] * dy[i];
        branch += (y[i] - x[i]) * (y[i] - x[i]);
    }
    for (size_t i = 0; i < count && branch > 0; i++)
        dy[i] += dy[i] == 0 ? 0 : real_sqrt(size / branch) * (y[i] - x[i]);
    free(y);
    return 0;
}
