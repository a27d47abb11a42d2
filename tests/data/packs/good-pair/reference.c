/* SPDX-License-Identifier: MIT */
/* The gauge of y is |scale*x| + |bias|. The other outputs are judged without a gauge. */
#include "reference/real.h"

int reference_pair_forward(const struct pair_params *p, const real *x, const real *bias, real *y, real *gauge_y) {
    const real scale = (real)p->scale;
    const size_t n = (size_t)p->n;

    for (size_t r = 0; r < (size_t)p->rows; r++) {
        for (size_t c = 0; c < n; c++) {
            y[r * n + c] = scale * x[r * n + c] + (bias != NULL ? bias[c] : 0);
        }
    }
    for (size_t i = 0; gauge_y != NULL && i < (size_t)p->rows * n; i++) {
        gauge_y[i] = real_fabs(scale * x[i]) + (bias != NULL ? real_fabs(bias[i % n]) : 0);
    }
    return 0;
}

int plain_pair_forward(const struct pair_params *p, const real *x, const real *bias, real *y) {
    const size_t n = (size_t)p->n;

    for (size_t i = 0; i < (size_t)p->rows * n; i++) {
        const real product = (real)p->scale * x[i];
        y[i] = bias != NULL ? product + bias[i % n] : product;
    }
    return 0;
}

int reference_pair_backward(int32_t rows, int64_t n, float scale, int32_t half, const real *dy, real *dx, real *dbias,
                            int32_t *best) {
    (void)half;
    for (int64_t c = 0; c < n; c++) {
        best[c] = rows > 0 ? 0 : -1;
    }
    for (int32_t r = 0; r < rows; r++) {
        for (int64_t c = 0; c < n; c++) {
            const real value = dy[r * n + c];
            dx[r * n + c] = (real)scale * value;
            dbias[c] += value;
            best[c] = value > dy[best[c] * n + c] ? r : best[c];
        }
    }
    return 0;
}

/* Column by column and from the last row up, so that the sums round differently. */
int plain_pair_backward(int32_t rows, int64_t n, float scale, int32_t half, const real *dy, real *dx, real *dbias,
                        int32_t *best) {
    (void)half;
    for (int64_t c = 0; c < n; c++) {
        real sum = 0;
        best[c] = rows - 1;
        for (int32_t r = rows - 1; r >= 0; r--) {
            const real value = dy[r * n + c];
            dx[r * n + c] = (real)scale * value;
            sum += value;
            best[c] = value >= dy[best[c] * n + c] ? r : best[c];
        }
        dbias[c] += sum;
    }
    return 0;
}

/* A clear maximum in another row of each column. */
int generate_planted(int32_t rows, int64_t n, float scale, int32_t half, real *dy, real *dx, real *dbias,
                     int32_t *best) {
    (void)scale, (void)half, (void)dx, (void)dbias, (void)best;
    for (int64_t c = 0; c < n && rows > 0; c++) {
        dy[(c * 7 + 3) % rows * n + c] = 16;
    }
    return 0;
}
