// expect: passed
// harness: transformer-block
// Products in register tiles over packed panels. Of each softmax only the log of the sum is kept, and the backward pass
// makes its weights anew from that, block by block.
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "transformer-block.h"

enum { DEEP = 256, BROAD = 32, QUERIES = 64, KEYS = 128 };
#ifdef __AVX512F__
enum { TALL = 12, LANES = 16 };
#else
enum { TALL = 3, LANES = 8 };
#endif
enum { VECTORS = BROAD / LANES };

typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

struct weights {
    const float *ln1g, *ln1b, *wqkv, *bqkv, *wo, *bo, *ln2g, *ln2b, *w1, *b1;
};

/* Element (row, column) is at row*down + column*right: a transpose is another pair of strides. */
struct matrix {
    const float *at;
    int64_t down, right;
};

struct work {
    int64_t rows;
    float *mean1, *rstd1, *norm1, *qkv, *lse, *mix, *mid, *mean2, *rstd2, *norm2, *fc, *act;
    float *dfc, *dqkv, *drow, *dmid; /* backward only */
    float *panels, *scores, *slopes;
};

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Strips of `wide` rows, the columns of each one after the other, zeros beyond the last row. */
static void pack(struct matrix a, int64_t rows, int64_t from, int64_t depth, int wide, float *to) {
    for (int64_t start = 0; start < rows; start += wide, to += wide * depth) {
        const int64_t some = least(rows - start, wide);
        const float *at = a.at + start * a.down + from * a.right;
        if (some < wide)
            memset(to, 0, (size_t)(wide * depth) * sizeof *to);
        if (a.down == 1)
            for (int64_t k = 0; k < depth; k++)
                for (int64_t i = 0; i < some; i++)
                    to[k * wide + i] = at[i + k * a.right];
        else
            for (int64_t i = 0; i < some; i++)
                for (int64_t k = 0; k < depth; k++)
                    to[k * wide + i] = at[i * a.down + k * a.right];
    }
}

/* to[0..TALL)[0..BROAD) += scale * (a strip of the left) (a strip of the right). */
static void tile(int64_t depth, float scale, const float *a, const float *b, float *to, int64_t down) {
    vector sum[TALL][VECTORS] = {0};
    for (int64_t k = 0; k < depth; k++, a += TALL, b += BROAD) {
        vector right[VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++)
            right[v] = *(const vector *)(b + v * LANES);
#pragma GCC unroll 12
        for (int i = 0; i < TALL; i++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                sum[i][v] += a[i] * right[v];
    }
#pragma GCC unroll 12
    for (int i = 0; i < TALL; i++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++)
            *(vector *)(to + i * down + v * LANES) += scale * sum[i][v];
}

static void edge_tile(int64_t depth, float scale, const float *a, const float *b, int64_t rows, int64_t columns,
                      float *to, int64_t down) {
    float whole[TALL * BROAD] = {0};
    tile(depth, scale, a, b, whole, BROAD);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * down + j] += whole[i * BROAD + j];
}

/* to[m][n] += scale * a[m][depth] b[depth][n], where `b` is given transposed; rows of `to` are `down` apart. */
static void multiply(int64_t m, int64_t n, int64_t depth, float scale, struct matrix a, struct matrix b, float *panels,
                     float *to, int64_t down) {
    float *left = panels, *right = panels + (m + TALL) * DEEP;
    for (int64_t from = 0; from < depth; from += DEEP) {
        const int64_t deep = least(depth - from, DEEP);
        pack(a, m, from, deep, TALL, left);
        for (int64_t j = 0; j < n; j += BROAD) {
            const int64_t columns = least(n - j, BROAD);
            pack((struct matrix){b.at + j * b.down, b.down, b.right}, columns, from, deep, BROAD, right);
            for (int64_t i = 0; i < m; i += TALL) {
                const int64_t rows = least(m - i, TALL);
                if (rows == TALL && columns == BROAD)
                    tile(deep, scale, left + i * deep, right, to + i * down + j, down);
                else
                    edge_tile(deep, scale, left + i * deep, right, rows, columns, to + i * down + j, down);
            }
        }
    }
}

/* y += x w */
static void linear(const struct work *s, int64_t in, int64_t out, const float *x, const float *w, float *y) {
    multiply(s->rows, out, in, 1, (struct matrix){x, in, 1}, (struct matrix){w, 1, out}, s->panels, y, out);
}

/* dx = dy w^T, dw += x^T dy, db += the sum of the rows of dy */
static void linear_back(const struct work *s, int64_t in, int64_t out, const float *x, const float *w, const float *dy,
                        float *dx, float *dw, float *restrict db) {
    memset(dx, 0, (size_t)(s->rows * in) * sizeof *dx);
    multiply(s->rows, in, out, 1, (struct matrix){dy, out, 1}, (struct matrix){w, out, 1}, s->panels, dx, in);
    multiply(in, out, s->rows, 1, (struct matrix){x, 1, in}, (struct matrix){dy, 1, out}, s->panels, dw, out);
    for (int64_t r = 0; r < s->rows; r++)
        for (int64_t j = 0; j < out; j++)
            db[j] += dy[r * out + j];
}

/* Each row of y starts as the bias, and where there is one the residual. */
static void start(int64_t rows, int64_t n, const float *bias, const float *residual, float *restrict y) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < n; j++)
            y[r * n + j] = bias[j] + (residual != NULL ? residual[r * n + j] : 0);
}

static void norm(int64_t rows, int64_t d, float eps, const float *x, const float *gain, const float *bias, float *mean,
                 float *rstd, float *restrict y) {
    for (int64_t r = 0; r < rows; r++, x += d, y += d) {
        double sum = 0, squares = 0;
        for (int64_t k = 0; k < d; k++)
            sum += (double)x[k];
        mean[r] = (float)(sum / (double)d);
        for (int64_t k = 0; k < d; k++)
            squares += (double)(x[k] - mean[r]) * (double)(x[k] - mean[r]);
        rstd[r] = (float)(1 / sqrt(squares / (double)d + (double)eps));
        for (int64_t k = 0; k < d; k++)
            y[k] = (x[k] - mean[r]) * rstd[r] * gain[k] + bias[k];
    }
}

/* dx = the residual's gradient and what comes back through the normalisation. */
static void norm_back(int64_t rows, int64_t d, const float *x, const float *gain, const float *mean, const float *rstd,
                      const float *dy, const float *residual, float *restrict dx, float *restrict dgain,
                      float *restrict dbias) {
    for (int64_t r = 0; r < rows; r++, x += d, dy += d, residual += d, dx += d) {
        double sum = 0, along = 0;
        for (int64_t k = 0; k < d; k++) {
            const float xhat = (x[k] - mean[r]) * rstd[r], g = dy[k] * gain[k];
            sum += (double)g;
            along += (double)(g * xhat);
            dgain[k] += dy[k] * xhat;
            dbias[k] += dy[k];
        }
        const float average = (float)(sum / (double)d), share = (float)(along / (double)d);
        for (int64_t k = 0; k < d; k++)
            dx[k] = residual[k] + rstd[r] * (dy[k] * gain[k] - average - (x[k] - mean[r]) * rstd[r] * share);
    }
}

/* exp(x) for x <= 0: 2^n times a polynomial, without branches, so that loops over it become vector code. */
static inline float fast_exp(float x) {
    const float y = x < -87 ? -87 : x, n = (y * 1.44269504F + 0x1.8p23F) - 0x1.8p23F;
    const float r = (y - n * 0x1.62e4p-1F) - n * 0x1.7f7d1cp-20F;
    const float high = (0x1.6a2430p-10F * r + 0x1.1239e4p-7F) * r + 0x1.5558f2p-5F;
    const float q = r * r * ((high * r + 0x1.555492p-3F) * r + 0x1.fffffcp-2F) + r;
    union {
        int32_t i;
        float f;
    } power = {.i = ((int32_t)n + 127) << 23};
    return x < -87 ? 0 : q * power.f + power.f;
}

/* (1 + tanh u)/2 = 1/(1 + exp(-2u)), and 1 minus that, by an exponential that cannot overflow. */
static inline float gate(float x, float *rest) {
    const float twice = 1.5957691216F * x * (1 + 0.044715F * x * x), e = fast_exp(-fabsf(twice));
    const float large = 1 / (1 + e), small = e * large;
    *rest = twice < 0 ? large : small;
    return twice < 0 ? small : large;
}

static void gelu(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float rest;
        y[i] = x[i] * gate(x[i], &rest);
    }
}

static void gelu_back(int64_t n, const float *restrict x, float *restrict dy) {
    for (int64_t i = 0; i < n; i++) {
        float rest;
        const float s = gate(x[i], &rest);
        dy[i] *= s * (1 + x[i] * rest * 1.5957691216F * (1 + 3 * 0.044715F * x[i] * x[i]));
    }
}

/* One head of one sequence. */
struct head {
    const float *q, *k, *v; /* rows are `wide` apart */
    int64_t wide, width;
    float scale;
};

static struct head head_at(const struct block_params *p, const float *qkv, int64_t sequence, int64_t number) {
    const int64_t d = p->d, width = d / p->h;
    const float *q = qkv + sequence * p->t * 3 * d + number * width;
    return (struct head){q, q + d, q + 2 * d, 3 * d, width, 1 / sqrtf((float)width)};
}

/* scores[rows][keys] = scale * q k^T, for the queries from i and the keys from j. */
static void score(const struct head *a, int64_t i, int64_t rows, int64_t j, int64_t keys, float *panels,
                  float *scores) {
    memset(scores, 0, (size_t)(rows * keys) * sizeof *scores);
    multiply(rows, keys, a->width, a->scale, (struct matrix){a->q + i * a->wide, a->wide, 1},
             (struct matrix){a->k + j * a->wide, a->wide, 1}, panels, scores, keys);
}

/* Adds a block of keys to the running maximum, sum and mixture of one query that sees the first `seen` of them. */
static void online(int64_t keys, int64_t seen, float *restrict row, float *top, float *sum, int64_t width,
                   float *restrict mix) {
    float largest = *top, part[LANES] = {0};
    for (int64_t j = 0; j < seen; j++)
        largest = row[j] > largest ? row[j] : largest;
    const float shrink = *top == -INFINITY ? 0 : fast_exp(*top - largest);
    for (int64_t j = 0; j < keys; j++)
        row[j] = j < seen ? fast_exp(row[j] - largest) : 0;
    for (int64_t j = 0; j < keys; j++)
        part[j % LANES] += row[j];
    *sum *= shrink;
    for (int i = 0; i < LANES; i++)
        *sum += part[i];
    for (int64_t c = 0; c < width; c++)
        mix[c] *= shrink;
    *top = largest;
}

/* Queries i .. i+rows-1 of one head. KEYS is a multiple of QUERIES, so each of them sees a key of every block. */
static void queries_forward(const struct head *a, const struct work *s, int64_t i, int64_t rows, int64_t down,
                            float *mix, float *lse) {
    float top[QUERIES], sum[QUERIES] = {0};
    for (int64_t r = 0; r < rows; r++)
        top[r] = -INFINITY;
    for (int64_t j = 0; j < i + rows; j += KEYS) {
        const int64_t keys = least(i + rows - j, KEYS);
        score(a, i, rows, j, keys, s->panels, s->scores);
        for (int64_t r = 0; r < rows; r++)
            online(keys, least(i + r + 1 - j, keys), s->scores + r * keys, &top[r], &sum[r], a->width, mix + r * down);
        multiply(rows, a->width, keys, 1, (struct matrix){s->scores, keys, 1},
                 (struct matrix){a->v + j * a->wide, 1, a->wide}, s->panels, mix, down);
    }
    for (int64_t r = 0; r < rows; r++) {
        lse[r] = top[r] + logf(sum[r]);
        for (int64_t c = 0; c < a->width; c++)
            mix[r * down + c] /= sum[r];
    }
}

static void heads_forward(const struct block_params *p, const struct work *s) {
    const int64_t t = p->t, d = p->d, h = p->h;
    memset(s->mix, 0, (size_t)(s->rows * d) * sizeof *s->mix);
    for (int64_t n = 0; n < p->b * h; n++) {
        const struct head a = head_at(p, s->qkv, n / h, n % h);
        for (int64_t i = 0; i < t; i += QUERIES)
            queries_forward(&a, s, i, least(t - i, QUERIES), d, s->mix + (n / h * t + i) * d + n % h * a.width,
                            s->lse + n * t + i);
    }
}

/* The weights of a block of queries and keys from `lse`, in place of the scores, and the gradient of the scores in
 * place of that of the weights; inner[r] is the product of the query's output and its gradient. */
static void slopes_of(int64_t first, int64_t rows, int64_t j, int64_t keys, const float *lse, const float *inner,
                      float *restrict weight, float *restrict slope) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t k = 0; k < keys; k++) {
            const float all = fast_exp(weight[r * keys + k] - lse[r]), w = j + k <= first + r ? all : 0;
            weight[r * keys + k] = w;
            slope[r * keys + k] = w * (slope[r * keys + k] - inner[r]);
        }
}

/* dmix and dq are at the first of the queries, dk and dv at the first token. */
static void queries_backward(const struct head *a, const struct work *s, int64_t i, int64_t rows, int64_t down,
                             const float *mix, const float *lse, const float *dmix, float *dq, float *dk, float *dv) {
    float inner[QUERIES] = {0};
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < a->width; c++)
            inner[r] += mix[r * down + c] * dmix[r * down + c];
    for (int64_t j = 0; j < i + rows; j += KEYS) {
        const int64_t keys = least(i + rows - j, KEYS), at = j * a->wide;
        score(a, i, rows, j, keys, s->panels, s->scores);
        memset(s->slopes, 0, (size_t)(rows * keys) * sizeof *s->slopes);
        multiply(rows, keys, a->width, 1, (struct matrix){dmix, down, 1}, (struct matrix){a->v + at, a->wide, 1},
                 s->panels, s->slopes, keys);
        slopes_of(i, rows, j, keys, lse, inner, s->scores, s->slopes);
        multiply(keys, a->width, rows, 1, (struct matrix){s->scores, 1, keys}, (struct matrix){dmix, 1, down},
                 s->panels, dv + at, a->wide);
        multiply(rows, a->width, keys, a->scale, (struct matrix){s->slopes, keys, 1},
                 (struct matrix){a->k + at, 1, a->wide}, s->panels, dq, a->wide);
        multiply(keys, a->width, rows, a->scale, (struct matrix){s->slopes, 1, keys},
                 (struct matrix){a->q + i * a->wide, 1, a->wide}, s->panels, dk + at, a->wide);
    }
}

static void heads_backward(const struct block_params *p, const struct work *s) {
    const int64_t t = p->t, d = p->d, h = p->h;
    memset(s->dqkv, 0, (size_t)(s->rows * 3 * d) * sizeof *s->dqkv);
    for (int64_t n = 0; n < p->b * h; n++) {
        const struct head a = head_at(p, s->qkv, n / h, n % h);
        float *dq = s->dqkv + n / h * t * 3 * d + n % h * a.width;
        for (int64_t i = 0; i < t; i += QUERIES) {
            const int64_t row = (n / h * t + i) * d + n % h * a.width;
            queries_backward(&a, s, i, least(t - i, QUERIES), d, s->mix + row, s->lse + n * t + i, s->drow + row,
                             dq + i * 3 * d, dq + d, dq + 2 * d);
        }
    }
}

static float *cut(float **next, int64_t count) {
    float *at = *next;
    *next += count;
    return at;
}

/* One allocation, which begins with mean1. */
static bool prepare(const struct block_params *p, struct work *s) {
    const int64_t rows = (int64_t)p->b * p->t, d = p->d, f = p->f, most = rows + 3 * d + f + KEYS + TALL + BROAD;
    const int64_t count = rows * (4 + p->h + 12 * d + 3 * f) + most * DEEP + 2 * QUERIES * KEYS;
    float *next = malloc((size_t)count * sizeof *next);
    if (next == NULL)
        return false;
    s->rows = rows;
    s->mean1 = cut(&next, rows), s->rstd1 = cut(&next, rows), s->mean2 = cut(&next, rows);
    s->rstd2 = cut(&next, rows), s->lse = cut(&next, rows * p->h);
    s->norm1 = cut(&next, rows * d), s->qkv = cut(&next, rows * 3 * d), s->mix = cut(&next, rows * d);
    s->mid = cut(&next, rows * d), s->norm2 = cut(&next, rows * d);
    s->fc = cut(&next, rows * f), s->act = cut(&next, rows * f), s->dfc = cut(&next, rows * f);
    s->dqkv = cut(&next, rows * 3 * d), s->drow = cut(&next, rows * d), s->dmid = cut(&next, rows * d);
    s->panels = cut(&next, most * DEEP);
    s->scores = cut(&next, QUERIES * KEYS), s->slopes = cut(&next, QUERIES * KEYS);
    return true;
}

/* Everything up to the last product. */
static void forward(const struct block_params *p, const struct weights *w, const float *x, const struct work *s) {
    const int64_t rows = s->rows, d = p->d, f = p->f;
    norm(rows, d, p->ln_eps, x, w->ln1g, w->ln1b, s->mean1, s->rstd1, s->norm1);
    start(rows, 3 * d, w->bqkv, NULL, s->qkv);
    linear(s, d, 3 * d, s->norm1, w->wqkv, s->qkv);
    heads_forward(p, s);
    start(rows, d, w->bo, x, s->mid);
    linear(s, d, d, s->mix, w->wo, s->mid);
    norm(rows, d, p->ln_eps, s->mid, w->ln2g, w->ln2b, s->mean2, s->rstd2, s->norm2);
    start(rows, f, w->b1, NULL, s->fc);
    linear(s, d, f, s->norm2, w->w1, s->fc);
    gelu(rows * f, s->fc, s->act);
}

int block_forward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b, const float *wqkv,
                  const float *bqkv, const float *wo, const float *bo, const float *ln2g, const float *ln2b,
                  const float *w1, const float *b1, const float *w2, const float *b2, float *y) {
    const struct weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1};
    struct work s;
    if (!prepare(p, &s))
        return 1;
    forward(p, &w, x, &s);
    start(s.rows, p->d, b2, s.mid, y);
    linear(&s, p->f, p->d, s.act, w2, y);
    free(s.mean1);
    return 0;
}

int block_backward(const struct block_params *p, const float *x, const float *ln1g, const float *ln1b,
                   const float *wqkv, const float *bqkv, const float *wo, const float *bo, const float *ln2g,
                   const float *ln2b, const float *w1, const float *b1, const float *w2, const float *b2,
                   const float *dy, float *dx, float *dln1g, float *dln1b, float *dwqkv, float *dbqkv, float *dwo,
                   float *dbo, float *dln2g, float *dln2b, float *dw1, float *db1, float *dw2, float *db2) {
    const struct weights w = {ln1g, ln1b, wqkv, bqkv, wo, bo, ln2g, ln2b, w1, b1};
    const int64_t d = p->d, f = p->f;
    struct work s;
    (void)b2;
    if (!prepare(p, &s))
        return 1;
    forward(p, &w, x, &s);
    linear_back(&s, f, d, s.act, w2, dy, s.dfc, dw2, db2);
    gelu_back(s.rows * f, s.fc, s.dfc);
    linear_back(&s, d, f, s.norm2, w1, s.dfc, s.drow, dw1, db1);
    norm_back(s.rows, d, s.mid, ln2g, s.mean2, s.rstd2, s.drow, dy, s.dmid, dln2g, dln2b);
    linear_back(&s, d, d, s.mix, wo, s.dmid, s.drow, dwo, dbo);
    heads_backward(p, &s);
    linear_back(&s, d, 3 * d, s.norm1, wqkv, s.dqkv, s.drow, dwqkv, dbqkv);
    norm_back(s.rows, d, x, ln1g, s.mean1, s.rstd1, s.drow, s.dmid, dx, dln1g, dln1b);
    free(s.mean1);
    return 0;
}
