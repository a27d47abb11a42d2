// expect: passed
// harness: debug-the-transformer
// Other algorithms throughout: every product is one tiled kernel, the softmax runs online and its backward pass needs
// only the log of each row's sum, layer norm takes one pass in double, the gelu is a logistic function.
#include "debug-the-transformer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE_ROWS = 4, TILE_COLUMNS = 32 };

/* Element (r, c) of a matrix is at[r*down + c*across]. */
struct matrix {
    const float *at;
    size_t down, across;
};

static size_t least(size_t x, size_t y)
{
    return x < y ? x : y;
}

/* c[rows][columns] += a b, with b[depth][columns] and c packed: sums of a tile stay in registers. */
static void multiply_add(size_t rows, size_t columns, size_t depth, struct matrix a, const float *restrict b,
                         float *restrict c)
{
    for (size_t r = 0; r < rows; r += TILE_ROWS)
        for (size_t s = 0; s < columns; s += TILE_COLUMNS) {
            size_t high = least(TILE_ROWS, rows - r), wide = least(TILE_COLUMNS, columns - s);
            float tile[TILE_ROWS][TILE_COLUMNS] = {{0}}, line[TILE_COLUMNS] = {0};
            for (size_t k = 0; k < depth; k++) {
                memcpy(line, b + k * columns + s, wide * sizeof *line);
                for (size_t i = 0; i < high; i++) {
                    float factor = a.at[(r + i) * a.down + k * a.across];
                    for (size_t j = 0; j < TILE_COLUMNS; j++)
                        tile[i][j] += factor * line[j];
                }
            }
            for (size_t i = 0; i < high; i++)
                for (size_t j = 0; j < wide; j++)
                    c[(r + i) * columns + s + j] += tile[i][j];
        }
}

/* ------------------------------------------------------------------ norm */

int block_norm_forward(int32_t b, int32_t t, int32_t d, const float *x, const float *gain, const float *bias, float *y,
                       float *mean, float *rstd)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;

    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * n;
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            sum += (double)row[i];
            squares += (double)row[i] * (double)row[i];
        }
        double average = sum / (double)n, scale = 1 / sqrt(squares / (double)n - average * average + (double)BLOCK_EPS);
        for (size_t i = 0; i < n; i++)
            y[r * n + i] = (float)(((double)row[i] - average) * scale) * gain[i] + bias[i];
        mean[r] = (float)average;
        rstd[r] = (float)scale;
    }
    return 0;
}

/* dx += a*g + c*x + e, with the averages folded into c and e. */
int block_norm_backward(int32_t b, int32_t t, int32_t d, const float *dy, const float *x, const float *gain,
                        const float *mean, const float *rstd, float *dx, float *dgain, float *dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;

    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * n, *up = dy + r * n;
        float centre = mean[r], scale = rstd[r];
        double sum = 0, along = 0;
        for (size_t i = 0; i < n; i++) {
            float g = gain[i] * up[i];
            sum += (double)g;
            along += (double)(g * (row[i] - centre));
            dgain[i] += up[i] * ((row[i] - centre) * scale);
            dbias[i] += up[i];
        }
        float level = (float)(sum / (double)n) * scale, slope = (float)(along / (double)n) * scale * scale * scale;
        for (size_t i = 0; i < n; i++)
            dx[r * n + i] += scale * gain[i] * up[i] - slope * (row[i] - centre) - level;
    }
    return 0;
}

/* ---------------------------------------------------------------- linear */

int block_linear_forward(int32_t b, int32_t t, int32_t in, int32_t out, const float *x, const float *w,
                         const float *bias, float *y)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)in, m = (size_t)out;

    for (size_t r = 0; r < rows && m > 0; r++)
        memcpy(y + r * m, bias, m * sizeof *y);
    multiply_add(rows, m, n, (struct matrix){x, n, 1}, w, y);
    return 0;
}

int block_linear_backward(int32_t b, int32_t t, int32_t in, int32_t out, const float *dy, const float *x,
                          const float *w, float *dx, float *dw, float *dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)in, m = (size_t)out;
    const float one = 1;
    float *turned = calloc(n * m + 1, sizeof *turned);

    if (turned == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < m; o++)
            turned[o * n + i] = w[i * m + o];
    memset(dx, 0, rows * n * sizeof *dx);
    multiply_add(rows, n, m, (struct matrix){dy, m, 1}, turned, dx);
    multiply_add(n, m, rows, (struct matrix){x, 1, n}, dy, dw);
    multiply_add(1, m, rows, (struct matrix){&one, 0, 0}, dy, dbias);
    free(turned);
    return 0;
}

/* ------------------------------------------------------------- attention */

/* One head of one sequence: its queries, keys and values, `stride` floats from position to position. */
struct head {
    size_t width, stride;
    float scale;
    const float *q, *k, *v;
};

static struct head head_at(int32_t t, int32_t d, int32_t h, const float *qkv, size_t number)
{
    size_t n = (size_t)d, width = n / (size_t)h, sequence = number / (size_t)h, first = number % (size_t)h * width;
    const float *q = qkv + sequence * (size_t)t * 3 * n + first;

    return (struct head){width, 3 * n, 1 / sqrtf((float)width), q, q + n, q + 2 * n};
}

static float score(const struct head *a, size_t i, size_t j)
{
    float sum = 0;

    for (size_t c = 0; c < a->width; c++)
        sum += a->q[i * a->stride + c] * a->k[j * a->stride + c];
    return a->scale * sum;
}

/* Online: when a larger score turns up, what has been added so far shrinks. Gives log(sum of exp). */
static float mix_row(const struct head *a, size_t i, float *o)
{
    float top = -INFINITY, sum = 0;

    memset(o, 0, a->width * sizeof *o);
    for (size_t j = 0; j <= i; j++) {
        float s = score(a, i, j);
        if (s > top) {
            float shrink = expf(top - s);
            sum *= shrink;
            for (size_t c = 0; c < a->width; c++)
                o[c] *= shrink;
            top = s;
        }
        float weight = expf(s - top);
        sum += weight;
        for (size_t c = 0; c < a->width; c++)
            o[c] += weight * a->v[j * a->stride + c];
    }
    for (size_t c = 0; c < a->width; c++)
        o[c] /= sum;
    return top + logf(sum);
}

int block_attention_forward(int32_t b, int32_t t, int32_t d, int32_t h, const float *qkv, float *mix)
{
    size_t positions = (size_t)t, n = (size_t)d;

    for (size_t number = 0; number < (size_t)b * (size_t)h; number++) {
        const struct head a = head_at(t, d, h, qkv, number);
        float *o = mix + number / (size_t)h * positions * n + number % (size_t)h * a.width;
        for (size_t i = 0; i < positions; i++)
            mix_row(&a, i, o + i * n);
    }
    return 0;
}

/* sum_j p_j dp_j is <up, o>, so one walk over the keys is enough. `o` is scratch. */
static void row_backward(const struct head *a, size_t i, const float *up, float *o, float *dq, float *dk, float *dv)
{
    float log_sum = mix_row(a, i, o), expected = 0;

    for (size_t c = 0; c < a->width; c++)
        expected += up[c] * o[c];
    for (size_t j = 0; j <= i; j++) {
        float p = expf(score(a, i, j) - log_sum), dp = 0;
        for (size_t c = 0; c < a->width; c++)
            dp += up[c] * a->v[j * a->stride + c];
        float ds = a->scale * p * (dp - expected);
        for (size_t c = 0; c < a->width; c++) {
            dq[i * a->stride + c] += ds * a->k[j * a->stride + c];
            dk[j * a->stride + c] += ds * a->q[i * a->stride + c];
            dv[j * a->stride + c] += p * up[c];
        }
    }
}

int block_attention_backward(int32_t b, int32_t t, int32_t d, int32_t h, const float *dmix, const float *qkv,
                             float *dqkv)
{
    size_t positions = (size_t)t, n = (size_t)d;
    float *o = malloc(n * sizeof *o);

    if (o == NULL)
        return 1;
    memset(dqkv, 0, (size_t)b * positions * 3 * n * sizeof *dqkv);
    for (size_t number = 0; number < (size_t)b * (size_t)h; number++) {
        const struct head a = head_at(t, d, h, qkv, number);
        size_t sequence = number / (size_t)h, first = number % (size_t)h * a.width;
        float *dq = dqkv + sequence * positions * 3 * n + first;
        for (size_t i = 0; i < positions; i++)
            row_backward(&a, i, dmix + (sequence * positions + i) * n + first, o, dq, dq + n, dq + 2 * n);
    }
    free(o);
    return 0;
}

/* ------------------------------------------------------------------ gelu */

/* (1 + tanh u)/2 = 1/(1 + exp(-2u)); exp may overflow to infinity, and the quotient is 0 then. */
static float gate(float x)
{
    return 1 / (1 + expf(-1.5957691216f * (x + 0.044715f * x * x * x)));
}

int block_gelu_forward(int32_t n, const float *x, float *y)
{
    for (int32_t i = 0; i < n; i++)
        y[i] = x[i] * gate(x[i]);
    return 0;
}

int block_gelu_backward(int32_t n, const float *dy, const float *x, float *dx)
{
    for (int32_t i = 0; i < n; i++) {
        float s = gate(x[i]), slope = 1.5957691216f * (1 + 0.134145f * x[i] * x[i]);
        dx[i] = dy[i] * (s + x[i] * s * (1 - s) * slope);
    }
    return 0;
}

/* ----------------------------------------------------------------- block */

/* Where the tensors begin in the flat array of parameters, and in that of their gradients. */
struct offsets {
    size_t gain1, bias1, qkv_w, qkv_b, proj_w, proj_b, gain2, bias2, fc_w, fc_b, out_w, out_b;
};

static struct offsets offsets_of(const struct block_sizes *p)
{
    size_t d = (size_t)p->d, f = (size_t)p->f;
    struct offsets at = {.gain1 = 0, .bias1 = d, .qkv_w = 2 * d};

    at.qkv_b = at.qkv_w + 3 * d * d;
    at.proj_w = at.qkv_b + 3 * d;
    at.proj_b = at.proj_w + d * d;
    at.gain2 = at.proj_b + d;
    at.bias2 = at.gain2 + d;
    at.fc_w = at.bias2 + d;
    at.fc_b = at.fc_w + d * f;
    at.out_w = at.fc_b + f;
    at.out_b = at.out_w + f * d;
    return at;
}

struct saved {
    float *norm1, *qkv, *mix, *mid, *norm2, *fc, *act, *wide, *stats;
};

static float *save(const struct block_sizes *p, struct saved *s)
{
    size_t rows = (size_t)p->b * (size_t)p->t, d = rows * (size_t)p->d, f = rows * (size_t)p->f;
    float *all = calloc(10 * d + 3 * f + 4 * rows + 1, sizeof *all);

    if (all == NULL)
        return NULL;
    *s = (struct saved){.norm1 = all, .qkv = all + d, .mix = all + 4 * d, .mid = all + 5 * d, .norm2 = all + 6 * d};
    s->wide = all + 7 * d;
    s->fc = s->wide + 3 * d + f;
    s->act = s->fc + f;
    s->stats = s->act + f;
    return all;
}

static void run(const struct block_sizes *p, const float *w, const float *x, const struct saved *s, float *y)
{
    const struct offsets at = offsets_of(p);
    size_t rows = (size_t)p->b * (size_t)p->t, n = rows * (size_t)p->d;

    block_norm_forward(p->b, p->t, p->d, x, w + at.gain1, w + at.bias1, s->norm1, s->stats, s->stats + rows);
    block_linear_forward(p->b, p->t, p->d, 3 * p->d, s->norm1, w + at.qkv_w, w + at.qkv_b, s->qkv);
    block_attention_forward(p->b, p->t, p->d, p->h, s->qkv, s->mix);
    block_linear_forward(p->b, p->t, p->d, p->d, s->mix, w + at.proj_w, w + at.proj_b, s->mid);
    for (size_t i = 0; i < n; i++)
        s->mid[i] += x[i];
    block_norm_forward(p->b, p->t, p->d, s->mid, w + at.gain2, w + at.bias2, s->norm2, s->stats + 2 * rows,
                       s->stats + 3 * rows);
    block_linear_forward(p->b, p->t, p->d, p->f, s->norm2, w + at.fc_w, w + at.fc_b, s->fc);
    block_gelu_forward(p->b * p->t * p->f, s->fc, s->act);
    block_linear_forward(p->b, p->t, p->f, p->d, s->act, w + at.out_w, w + at.out_b, y);
    for (size_t i = 0; i < n; i++)
        y[i] += s->mid[i];
}

int block_forward(const struct block_sizes *p, const float *params, const float *x, float *y)
{
    struct saved s;
    float *all = save(p, &s);

    if (all == NULL)
        return 1;
    run(p, params, x, &s, y);
    free(all);
    return 0;
}

int block_backward(const struct block_sizes *p, const float *dy, const float *params, const float *x, float *dx,
                   float *dparams)
{
    struct saved s;
    const struct offsets at = offsets_of(p);
    size_t rows = (size_t)p->b * (size_t)p->t, n = rows * (size_t)p->d;
    float *all = save(p, &s);

    if (all == NULL)
        return 1;
    run(p, params, x, &s, dx);
    memcpy(dx, dy, n * sizeof *dx);
    block_linear_backward(p->b, p->t, p->f, p->d, dy, s.act, params + at.out_w, s.wide, dparams + at.out_w,
                          dparams + at.out_b);
    block_gelu_backward(p->b * p->t * p->f, s.wide, s.fc, s.act);
    block_linear_backward(p->b, p->t, p->d, p->f, s.act, s.norm2, params + at.fc_w, s.wide, dparams + at.fc_w,
                          dparams + at.fc_b);
    block_norm_backward(p->b, p->t, p->d, s.wide, s.mid, params + at.gain2, s.stats + 2 * rows, s.stats + 3 * rows, dx,
                        dparams + at.gain2, dparams + at.bias2);
    block_linear_backward(p->b, p->t, p->d, p->d, dx, s.mix, params + at.proj_w, s.norm2, dparams + at.proj_w,
                          dparams + at.proj_b);
    block_attention_backward(p->b, p->t, p->d, p->h, s.norm2, s.qkv, s.wide);
    block_linear_backward(p->b, p->t, p->d, 3 * p->d, s.wide, s.norm1, params + at.qkv_w, s.mid, dparams + at.qkv_w,
                          dparams + at.qkv_b);
    block_norm_backward(p->b, p->t, p->d, s.mid, x, params + at.gain1, s.stats, s.stats + rows, dx,
                        dparams + at.gain1, dparams + at.bias1);
    free(all);
    return 0;
}
