// expect: passed
// harness: transformer-block
// The formulas one after the other. Every product adds rows of one factor to four rows of the result; the softmax's
// weights are all kept; the backward pass begins by computing the whole forward pass.
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "transformer-block.h"

struct weights {
    const float *ln1g, *ln1b, *wqkv, *bqkv, *wo, *bo, *ln2g, *ln2b, *w1, *b1;
};

struct work {
    float *mean1, *rstd1, *norm1, *qkv, *weight, *mix, *mid, *mean2, *rstd2, *norm2, *fc, *act;
    float *dfc, *dqkv, *drow, *dmid, *slope, *turned;
};

/* c[m][n] += a b, where a(i, k) is at a[i*down + k*right] and b is [depth][n]. A few hundred columns of b at a time, so
 * that they stay in the cache for all rows of c. */
static void product(int64_t m, int64_t n, int64_t depth, const float *a, int64_t down, int64_t right, const float *b,
                    float *restrict c) {
    enum { COLUMNS = 256, DEEP = 64 };
    for (int64_t from = 0; from < n; from += COLUMNS)
        for (int64_t deep = 0; deep < depth; deep += DEEP)
            for (int64_t i = 0; i < m; i++) {
                const int64_t to = from + COLUMNS < n ? from + COLUMNS : n;
                const int64_t end = deep + DEEP < depth ? deep + DEEP : depth;
                float *row = c + i * n;
                int64_t k = deep;
                for (; k + 4 <= end; k += 4) {
                    const float *at = a + i * down + k * right, *with = b + k * n;
                    const float first = at[0], second = at[right], third = at[2 * right], fourth = at[3 * right];
                    for (int64_t j = from; j < to; j++)
                        row[j] += (first * with[j] + second * with[n + j]) +
                                  (third * with[2 * n + j] + fourth * with[3 * n + j]);
                }
                for (; k < end; k++)
                    for (int64_t j = from; j < to; j++)
                        row[j] += a[i * down + k * right] * b[k * n + j];
            }
}

/* y = x w + bias + residual, the last of which may be NULL. It comes last: where it is large, every term that is added
 * to it is rounded to its size. */
static void linear(int64_t rows, int64_t in, int64_t out, const float *x, const float *w, const float *bias,
                   const float *residual, float *y) {
    for (int64_t i = 0; i < rows * out; i++)
        y[i] = bias[i % out];
    product(rows, out, in, x, in, 1, w, y);
    for (int64_t i = 0; residual != NULL && i < rows * out; i++)
        y[i] += residual[i];
}

/* The transpose of w is made first, so that its rows can be added. */
static void linear_back(int64_t rows, int64_t in, int64_t out, const float *x, const float *w, const float *dy,
                        float *turned, float *dx, float *dw, float *db) {
    for (int64_t i = 0; i < in; i++)
        for (int64_t j = 0; j < out; j++)
            turned[j * in + i] = w[i * out + j];
    memset(dx, 0, (size_t)(rows * in) * sizeof *dx);
    product(rows, in, out, dy, out, 1, turned, dx);
    product(in, out, rows, x, 1, in, dy, dw);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < out; j++)
            db[j] += dy[r * out + j];
}

static void norm(int64_t rows, int64_t d, float eps, const float *x, const float *gain, const float *bias, float *mean,
                 float *rstd, float *y) {
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0; /* of numbers that may lie far from 0 and close together */
        float squares = 0;
        for (int64_t k = 0; k < d; k++)
            sum += x[r * d + k];
        mean[r] = (float)(sum / (double)d);
        for (int64_t k = 0; k < d; k++)
            squares += (x[r * d + k] - mean[r]) * (x[r * d + k] - mean[r]);
        rstd[r] = 1 / sqrtf(squares / (float)d + eps);
        for (int64_t k = 0; k < d; k++)
            y[r * d + k] = (x[r * d + k] - mean[r]) * rstd[r] * gain[k] + bias[k];
    }
}

static void norm_back(int64_t rows, int64_t d, const float *x, const float *gain, const float *mean, const float *rstd,
                      const float *dy, const float *residual, float *dx, float *dgain, float *dbias) {
    for (int64_t r = 0; r < rows; r++) {
        float sum = 0, along = 0;
        for (int64_t k = 0; k < d; k++) {
            const float xhat = (x[r * d + k] - mean[r]) * rstd[r], back = dy[r * d + k];
            sum += back * gain[k];
            along += back * gain[k] * xhat;
            dgain[k] += back * xhat;
            dbias[k] += back;
        }
        for (int64_t k = 0; k < d; k++) {
            const float xhat = (x[r * d + k] - mean[r]) * rstd[r];
            const float back = dy[r * d + k] * gain[k] - sum / (float)d - xhat * along / (float)d;
            dx[r * d + k] = residual[r * d + k] + rstd[r] * back;
        }
    }
}

static float inner(float u) {
    return 0.7978845608F * (u + 0.044715F * u * u * u);
}

static float gelu(float u) {
    return 0.5F * u * (1 + tanhf(inner(u)));
}

static float gelu_slope(float u) {
    const float th = tanhf(inner(u));
    return 0.5F * (1 + th) + 0.5F * u * (1 - th * th) * 0.7978845608F * (1 + 3 * 0.044715F * u * u);
}

/* One query: its weights, and what they mix. q, k, v begin at the head's columns of their first row. */
static void query(int64_t i, int64_t width, int64_t d, const float *q, const float *k, const float *v, float *weight,
                  float *mix) {
    const float scale = 1 / sqrtf((float)width);
    float top = -INFINITY, sum = 0;
    for (int64_t j = 0; j <= i; j++) {
        float score = 0;
        for (int64_t c = 0; c < width; c++)
            score += q[c] * k[j * 3 * d + c];
        weight[j] = score * scale;
        top = fmaxf(top, weight[j]);
    }
    for (int64_t j = 0; j <= i; j++) {
        weight[j] = expf(weight[j] - top);
        sum += weight[j];
    }
    for (int64_t c = 0; c < width; c++)
        mix[c] = 0;
    for (int64_t j = 0; j <= i; j++) {
        weight[j] /= sum;
        for (int64_t c = 0; c < width; c++)
            mix[c] += weight[j] * v[j * 3 * d + c];
    }
}

static void query_back(int64_t i, int64_t width, int64_t d, const float *q, const float *k, const float *v,
                       const float *weight, const float *dmix, float *slope, float *dq, float *dk, float *dv) {
    const float scale = 1 / sqrtf((float)width);
    float mean = 0;
    for (int64_t j = 0; j <= i; j++) {
        slope[j] = 0;
        for (int64_t c = 0; c < width; c++) {
            slope[j] += dmix[c] * v[j * 3 * d + c];
            dv[j * 3 * d + c] += weight[j] * dmix[c];
        }
        mean += weight[j] * slope[j];
    }
    for (int64_t j = 0; j <= i; j++) {
        const float dscore = weight[j] * (slope[j] - mean) * scale;
        for (int64_t c = 0; c < width; c++) {
            dq[c] += dscore * k[j * 3 * d + c];
            dk[j * 3 * d + c] += dscore * q[c];
        }
    }
}

/* Forward, and with a dmix backward. */
static void heads(const struct block_params *p, const struct work *s, const float *dmix) {
    const int64_t t = p->t, d = p->d, h = p->h, width = d / h;
    for (int64_t n = 0; n < p->b * h; n++)
        for (int64_t i = 0; i < t; i++) {
            const int64_t first = n / h * t, column = n % h * width, row = (first + i) * d + column;
            const int64_t begin = first * 3 * d + column, at = begin + i * 3 * d;
            float *weight = s->weight + (n * t + i) * t;
            if (dmix == NULL)
                query(i, width, d, s->qkv + at, s->qkv + begin + d, s->qkv + begin + 2 * d, weight, s->mix + row);
            else
                query_back(i, width, d, s->qkv + at, s->qkv + begin + d, s->qkv + begin + 2 * d, weight, dmix + row,
                           s->slope, s->dqkv + at, s->dqkv + begin + d, s->dqkv + begin + 2 * d);
        }
}

static float *take(float **next, int64_t count) {
    float *at = *next;
    *next += count;
    return at;
}

/* One allocation, which begins with mean1. */
static bool prepare(const struct block_params *p, struct work *s) {
    const int64_t rows = (int64_t)p->b * p->t, d = p->d, f = p->f, most = f > 3 * d ? f : 3 * d;
    float *next =
        calloc((size_t)(rows * (4 + 12 * d + 3 * f + (int64_t)p->h * p->t) + p->t + most * d + 1), sizeof *next);
    if (next == NULL)
        return false;
    s->mean1 = take(&next, rows), s->rstd1 = take(&next, rows), s->mean2 = take(&next, rows);
    s->rstd2 = take(&next, rows), s->norm1 = take(&next, rows * d), s->qkv = take(&next, rows * 3 * d);
    s->weight = take(&next, rows * p->h * p->t), s->mix = take(&next, rows * d), s->mid = take(&next, rows * d);
    s->norm2 = take(&next, rows * d), s->fc = take(&next, rows * f), s->act = take(&next, rows * f);
    s->dfc = take(&next, rows * f), s->dqkv = take(&next, rows * 3 * d), s->drow = take(&next, rows * d);
    s->dmid = take(&next, rows * d), s->slope = take(&next, p->t), s->turned = take(&next, most * d);
    return true;
}

/* Everything up to the last product. */
static void forward(const struct block_params *p, const struct weights *w, const float *x, const struct work *s) {
    const int64_t rows = (int64_t)p->b * p->t, d = p->d, f = p->f;
    norm(rows, d, p->ln_eps, x, w->ln1g, w->ln1b, s->mean1, s->rstd1, s->norm1);
    linear(rows, d, 3 * d, s->norm1, w->wqkv, w->bqkv, NULL, s->qkv);
    heads(p, s, NULL);
    linear(rows, d, d, s->mix, w->wo, w->bo, x, s->mid);
    norm(rows, d, p->ln_eps, s->mid, w->ln2g, w->ln2b, s->mean2, s->rstd2, s->norm2);
    linear(rows, d, f, s->norm2, w->w1, w->b1, NULL, s->fc);
    for (int64_t i = 0; i < rows * f; i++)
        s->act[i] = gelu(s->fc[i]);
}

int block_forward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b, const float *wqkv,
                  const float *bqkv, const float *wo, const float *bo, const float *ln2g, const float *ln2b,
                  const float *w1, const float *b1, const float *w2, const float *b2, float *y) {
    const struct weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1};
    struct work s;
    if (!prepare(p, &s))
        return 1;
    forward(p, &w, x, &s);
    linear((int64_t)p->b * p->t, p->f, p->d, s.act, w2, b2, s.mid, y);
    free(s.mean1);
    return 0;
}

int block_backward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b,
                   const float *wqkv, const float *bqkv, const float *wo, const float *bo, const float *ln2g,
                   const float *ln2b, const float *w1, const float *b1, const float *w2, const float *b2,
                   const float *dy, float *dx, float *dln1g, float *dln1b, float *dwqkv, float *dbqkv, float *dwo,
                   float *dbo, float *dln2g, float *dln2b, float *dw1, float *db1, float *dw2, float *db2) {
    const struct weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1};
    const int64_t rows = (int64_t)p->b * p->t, d = p->d, f = p->f;
    struct work s;
    (void)b2;
    if (!prepare(p, &s))
        return 1;
    forward(p, &w, x, &s);
    linear_back(rows, f, d, s.act, w2, dy, s.turned, s.dfc, dw2, db2);
    for (int64_t i = 0; i < rows * f; i++)
        s.dfc[i] *= gelu_slope(s.fc[i]);
    linear_back(rows, d, f, s.norm2, w1, s.dfc, s.turned, s.drow, dw1, db1);
    norm_back(rows, d, s.mid, ln2g, s.mean2, s.rstd2, s.drow, dy, s.dmid, dln2g, dln2b);
    linear_back(rows, d, d, s.mix, wo, s.dmid, s.turned, s.drow, dwo, dbo);
    heads(p, &s, s.drow);
    linear_back(rows, d, 3 * d, s.norm1, wqkv, s.dqkv, s.turned, s.drow, dwqkv, dbqkv);
    norm_back(rows, d, x, ln1g, s.mean1, s.rstd1, s.drow, s.dmid, dx, dln1g, dln1b);
    free(s.mean1);
    return 0;
}
