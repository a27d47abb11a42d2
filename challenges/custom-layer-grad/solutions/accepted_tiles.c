// expect: passed
// harness: custom-layer-grad
// Seven matrix products with packed panels and a tile of 8 rows in registers; everything between them in one pass.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "custom-layer-grad.h"

enum { DEEP = 256, TALL = 8, BROAD = 32 };

typedef float vector __attribute__((vector_size(64), aligned(4)));

/* a[.](row, column) is at row*down + column*right: a transpose is another pair of strides. */
struct matrix {
    const float *at;
    int64_t down, right;
};

/* Panels of `wide` rows, the columns of each one after the other, zeros beyond the last row. */
static void pack(struct matrix a, int64_t rows, int64_t from, int64_t depth, int wide, float *to) {
    for (int64_t start = 0; start < rows; start += wide)
        for (int64_t k = from; k < from + depth; k++)
            for (int64_t i = start; i < start + wide; i++)
                *to++ = i < rows ? a.at[i * a.down + k * a.right] : 0;
}

/* 8 rows by two vectors of 16 columns. */
static void tile(int64_t depth, const float *a, const float *b, float *to) {
    vector sum[TALL][2] = {0};
    for (int64_t k = 0; k < depth; k++, a += TALL, b += BROAD) {
        const vector left = *(const vector *)b, right = *(const vector *)(b + 16);
#pragma GCC unroll 8
        for (int i = 0; i < TALL; i++) {
            sum[i][0] += a[i] * left;
            sum[i][1] += a[i] * right;
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < TALL; i++) {
        *(vector *)(to + i * BROAD) = sum[i][0];
        *(vector *)(to + i * BROAD + 16) = sum[i][1];
    }
}

static void add_tile(const float *from, int64_t rows, int64_t columns, float *to, int64_t down) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * down + j] += from[i * BROAD + j];
}

/* to[m][n] += a[m][depth] b[depth][n]; b is given transposed: its columns are packed like a's rows. */
static void multiply(int64_t m, int64_t n, int64_t depth, struct matrix a, struct matrix b, float *room, float *to) {
    float *left = room, *right = room + (m + TALL) * DEEP, product[TALL * BROAD];
    for (int64_t from = 0; from < depth; from += DEEP) {
        const int64_t deep = depth - from < DEEP ? depth - from : DEEP;
        pack(a, m, from, deep, TALL, left);
        for (int64_t j = 0; j < n; j += BROAD) {
            const int64_t columns = n - j < BROAD ? n - j : BROAD;
            pack((struct matrix){b.at + j * b.down, b.down, b.right}, columns, from, deep, BROAD, right);
            for (int64_t i = 0; i < m; i += TALL) {
                tile(deep, left + i * deep, right, product);
                add_tile(product, m - i < TALL ? m - i : TALL, columns, to + i * n + j, n);
            }
        }
    }
}

/* exp(x) for x <= 0: 2^n times a polynomial, without branches, so that loops over it become vector code. */
static inline float fast_exp(float x) {
    const float y = x < -87 ? -87 : x, n = (y * 1.44269504F + 0x1.8p23F) - 0x1.8p23F;
    const float r = (y - n * 0x1.62e4p-1F) - n * 0x1.7f7d1cp-20F;
    float q = 0x1.6a2430p-10F;
    q = q * r + 0x1.1239e4p-7F;
    q = q * r + 0x1.5558f2p-5F;
    q = q * r + 0x1.555492p-3F;
    q = q * r + 0x1.fffffcp-2F;
    q = r * r * q + r;
    union {
        int32_t i;
        float f;
    } power = {.i = ((int32_t)n + 127) << 23};
    return x < -87 ? 0 : q * power.f + power.f;
}

/* p becomes the gate's value. */
static void gates(int32_t kind, int64_t n, float *restrict p, float *restrict slope) {
    if (kind == 1 || kind == 3) {
        for (int64_t i = 0; i < n; i++) {
            const float at = p[i], e = expf(-fabsf(at)), t = tanhf(at);
            p[i] = kind == 1 ? t : fmaxf(at, 0) + log1pf(e);
            slope[i] = kind == 1 ? (1 - t) * (1 + t) : (at < 0 ? e : 1) / (1 + e);
        }
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        const float at = p[i], e = fast_exp(-fabsf(at)), large = 1 / (1 + e), small = e * large;
        const float s = at < 0 ? small : large, rest = at < 0 ? large : small;
        p[i] = kind == 0 ? at * s : s;
        slope[i] = kind == 0 ? s * (1 + at * rest) : s * rest;
    }
}

static void norms(const struct gatednorm_params *p, const float *x, const float *g, float *rinv, float *r) {
    const int64_t d = p->d;
    for (int64_t i = 0; i < p->n; i++) {
        double sum = 0;
        for (int64_t k = 0; k < d; k++)
            sum += (double)x[i * d + k] * (double)x[i * d + k];
        rinv[i] = (float)(1 / sqrt(sum / (p->norm == 0 ? (double)d : 1) + (double)p->eps));
        for (int64_t k = 0; k < d; k++)
            r[i * d + k] = x[i * d + k] * rinv[i] * g[k];
    }
}

static void norms_backward(const struct gatednorm_params *p, const float *x, const float *g, const float *dy,
                           const float *rinv, const float *restrict dr, float *restrict dx, float *restrict dg) {
    const int64_t d = p->d;
    for (int64_t i = 0; i < p->n; i++) {
        double sum = 0;
        for (int64_t k = 0; k < d; k++) {
            dg[k] += dr[i * d + k] * (x[i * d + k] * rinv[i]);
            sum += (double)(g[k] * dr[i * d + k]) * (double)x[i * d + k];
        }
        const double cube = (double)rinv[i] * (double)rinv[i] * (double)rinv[i];
        const float share = (float)(cube * sum / (p->norm == 0 ? (double)d : 1));
        for (int64_t k = 0; k < d; k++)
            dx[i * d + k] = dy[i * d + k] + rinv[i] * g[k] * dr[i * d + k] - x[i * d + k] * share;
    }
}

int gatednorm_bwd(const struct gatednorm_params *p, const float *x, const float *g, const float *w1, const float *w2,
                  const float *w3, const float *a, const float *dy, float *dx, float *dg, float *dw1, float *dw2,
                  float *dw3, float *da) {
    const int64_t n = p->n, d = p->d, f = p->f, most = (n > d ? n : d) > f ? (n > d ? n : d) : f;
    const double opening = tanh((double)*a);
    const float c = (float)opening;
    float *room = calloc((size_t)(n + 2 * n * d + 5 * n * f + (most + TALL + BROAD) * DEEP), sizeof *room);
    if (room == NULL)
        return 1;
    float *rinv = room, *r = rinv + n, *dr = r + n * d, *value = dr + n * d, *q = value + n * f, *slope = q + n * f;
    float *e = slope + n * f, *cz = e + n * f, *panels = cz + n * f;
    double total = 0;

    memset(dg, 0, (size_t)d * sizeof *dg);
    memset(dw1, 0, (size_t)(d * f) * sizeof *dw1);
    memset(dw2, 0, (size_t)(d * f) * sizeof *dw2);
    memset(dw3, 0, (size_t)(d * f) * sizeof *dw3);
    norms(p, x, g, rinv, r);
    multiply(n, f, d, (struct matrix){r, d, 1}, (struct matrix){w1, 1, f}, panels, value);
    multiply(n, f, d, (struct matrix){r, d, 1}, (struct matrix){w2, 1, f}, panels, q);
    multiply(n, f, d, (struct matrix){dy, d, 1}, (struct matrix){w3, d, 1}, panels, e);
    gates(p->gate, n * f, value, slope);
    for (int64_t i = 0; i < n * f; i++) {
        const float z = value[i] * q[i], up = c * e[i];
        total += (double)(z * e[i]);
        cz[i] = c * z;
        slope[i] *= up * q[i]; /* dp */
        value[i] *= up;        /* dq */
    }
    *da = (float)((1 - opening * opening) * total);
    multiply(f, d, n, (struct matrix){cz, 1, f}, (struct matrix){dy, 1, d}, panels, dw3);
    multiply(d, f, n, (struct matrix){r, 1, d}, (struct matrix){slope, 1, f}, panels, dw1);
    multiply(d, f, n, (struct matrix){r, 1, d}, (struct matrix){value, 1, f}, panels, dw2);
    multiply(n, d, f, (struct matrix){slope, f, 1}, (struct matrix){w1, f, 1}, panels, dr);
    multiply(n, d, f, (struct matrix){value, f, 1}, (struct matrix){w2, f, 1}, panels, dr);
    norms_backward(p, x, g, dy, rinv, dr, dx, dg);
    free(room);
    return 0;
}
