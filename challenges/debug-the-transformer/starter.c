// harness: debug-the-transformer
// fails: attention mask softmax norm residual gelu weights linear forward backward
// A pre-LN transformer block, forward and backward. The contract is in debug-the-transformer.h, the report of what is
// wrong in README.md.
//
// It compiles, runs, and has eight mistakes. None takes more than five lines to mend. The comments say what is meant,
// and where they do they are right.
#include "debug-the-transformer.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ norm */

int block_norm_forward(int32_t b, int32_t t, int32_t d, const float *x, const float *gain, const float *bias, float *y,
                       float *mean, float *rstd)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;

    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * n;
        float sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += row[i];
        mean[r] = sum / (float)n;
        for (size_t i = 0; i < n; i++)
            squares += (row[i] - mean[r]) * (row[i] - mean[r]);
        rstd[r] = 1 / sqrtf(squares / (float)n + BLOCK_EPS);
        for (size_t i = 0; i < n; i++)
            y[r * n + i] = (row[i] - mean[r]) * rstd[r] * gain[i] + bias[i];
    }
    return 0;
}

int block_norm_backward(int32_t b, int32_t t, int32_t d, const float *dy, const float *x, const float *gain,
                        const float *mean, const float *rstd, float *dx, float *dgain, float *dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)d;

    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * n, *dyr = dy + r * n;
        float slope = 0; /* the average over the row */
        for (size_t i = 0; i < n; i++) {
            float xhat = (row[i] - mean[r]) * rstd[r], g = gain[i] * dyr[i];
            dgain[i] += dyr[i] * xhat;
            dbias[i] += dyr[i];
            slope += g * xhat / (float)n;
        }
        for (size_t i = 0; i < n; i++) {
            float xhat = (row[i] - mean[r]) * rstd[r], g = gain[i] * dyr[i];
            float share = rstd[r] * (g - xhat * slope);
            dx[r * n + i] = share;
        }
    }
    return 0;
}

/* ---------------------------------------------------------------- linear */

/* The weights are the large array, so four rows of x share each walk through them. */
static void four_rows(size_t in, size_t out, const float *x, const float *w, const float *bias, float *y)
{
    for (size_t k = 0; k < 4; k++)
        for (size_t o = 0; o < out; o++)
            y[k * out + o] = bias[o];
    for (size_t i = 0; i < in; i++)
        for (size_t k = 0; k < 4; k++)
            for (size_t o = 0; o < out; o++)
                y[k * out + o] += x[k * in + i] * w[i * out + o];
}

int block_linear_forward(int32_t b, int32_t t, int32_t in, int32_t out, const float *x, const float *w,
                         const float *bias, float *y)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)in, m = (size_t)out, r = 0;

    for (; r + 4 <= rows; r += 4)
        four_rows(n, m, x + r * n, w, bias, y + r * m);
    for (; r < rows; r++) { /* fewer than four are left: one at a time */
        for (size_t o = 0; o < m; o++)
            y[r * m + o] = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t o = 0; o < m; o++)
                y[r * m + o] += x[r * n + i] * w[i * m + o];
    }
    return 0;
}

/* dbias of one sequence: a column sum over its positions. */
static void bias_gradient(size_t t, size_t out, const float *dy, float *dbias)
{
    for (size_t o = 0; o < out; o++) {
        float sum = 0;
        for (size_t i = 0; i < t; i++)
            sum += dy[i * out + o];
        dbias[o] = sum;
    }
}

int block_linear_backward(int32_t b, int32_t t, int32_t in, int32_t out, const float *dy, const float *x,
                          const float *w, float *dx, float *dw, float *dbias)
{
    size_t rows = (size_t)b * (size_t)t, n = (size_t)in, m = (size_t)out;

    for (size_t s = 0; s < (size_t)b; s++)
        bias_gradient((size_t)t, m, dy + s * (size_t)t * m, dbias);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++) {
            float sum = 0;
            for (size_t o = 0; o < m; o++) {
                sum += dy[r * m + o] * w[i * m + o];
                dw[i * m + o] += x[r * n + i] * dy[r * m + o];
            }
            dx[r * n + i] = sum;
        }
    return 0;
}

/* ------------------------------------------------------------- attention */

static float dot(size_t n, const float *x, const float *y)
{
    float sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* out += factor * x */
static void add_scaled(size_t n, float factor, const float *x, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] += factor * x[i];
}

/* p[0 .. last] = softmax over the keys 0 .. last of scale*<q, key>; the keys lie `stride` floats apart. */
static void softmax_row(size_t width, const float *q, const float *keys, size_t stride, float scale, size_t last,
                        float *p)
{
    float largest = -INFINITY, sum = 0;

    for (size_t j = 0; j <= last; j++) {
        p[j] = scale * dot(width, q, keys + j * stride);
        largest = p[j] > largest ? p[j] : largest;
    }
    for (size_t j = 0; j <= last; j++) {
        p[j] = expf(p[j] - largest);
        sum += p[j];
    }
    for (size_t j = 0; j <= last; j++)
        p[j] /= sum;
}

int block_attention_forward(int32_t b, int32_t t, int32_t d, int32_t h, const float *qkv, float *mix)
{
    size_t positions = (size_t)t, n = (size_t)d, width = n / (size_t)h, stride = 3 * n;
    float scale = 1 / sqrtf((float)n);
    float *p = malloc((positions + 1) * sizeof *p);

    if (p == NULL)
        return 1;
    memset(mix, 0, (size_t)b * positions * n * sizeof *mix);
    for (size_t s = 0; s < (size_t)b; s++)
        for (size_t head = 0; head < (size_t)h; head++) {
            const float *q = qkv + s * positions * stride + head * width, *k = q + n, *v = k + n;
            float *o = mix + s * positions * n + head * width;
            for (size_t i = 0; i < positions; i++) {
                softmax_row(width, q + i * stride, k, stride, scale, i, p);
                for (size_t j = 0; j <= i; j++)
                    add_scaled(width, p[j], v + j * stride, o + i * n);
            }
        }
    free(p);
    return 0;
}

/* One query with its probabilities p[0 .. last] and `up`, the gradient of its output. dq, dk and dv are added to; dp is
 * scratch. */
static void attention_row_backward(size_t width, const float *up, const float *q, const float *k, const float *v,
                                   size_t stride, float scale, size_t last, const float *p, float *dp, float *dq,
                                   float *dk, float *dv)
{
    for (size_t j = 0; j <= last; j++) {
        dp[j] = dot(width, up, v + j * stride);
        add_scaled(width, p[j], up, dv + j * stride);
    }
    for (size_t j = 0; j <= last; j++) {
        float ds = p[j] * dp[j];
        add_scaled(width, scale * ds, k + j * stride, dq);
        add_scaled(width, scale * ds, q, dk + j * stride);
    }
}

int block_attention_backward(int32_t b, int32_t t, int32_t d, int32_t h, const float *dmix, const float *qkv,
                             float *dqkv)
{
    size_t positions = (size_t)t, n = (size_t)d, width = n / (size_t)h, stride = 3 * n;
    float scale = 1 / sqrtf((float)width);
    float *p = malloc((2 * positions + 1) * sizeof *p);

    if (p == NULL)
        return 1;
    memset(dqkv, 0, (size_t)b * positions * stride * sizeof *dqkv);
    for (size_t s = 0; s < (size_t)b; s++)
        for (size_t head = 0; head < (size_t)h; head++) {
            size_t at = s * positions * stride + head * width;
            const float *q = qkv + at, *k = q + n, *v = k + n;
            float *dq = dqkv + at, *dk = dq + n, *dv = dk + n;
            for (size_t i = 0; i < positions; i++) {
                const float *up = dmix + (s * positions + i) * n + head * width;
                size_t last = i + 1 < positions ? i + 1 : i; /* there is nothing beyond the last key */
                softmax_row(width, q + i * stride, k, stride, scale, last, p);
                attention_row_backward(width, up, q + i * stride, k, v, stride, scale, last, p, p + positions,
                                       dq + i * stride, dk, dv);
            }
        }
    free(p);
    return 0;
}

/* ------------------------------------------------------------------ gelu */

static const float gelu_outer = 0.7978845608f; /* sqrt(2/pi) */
static const float gelu_cubic = 0.044715f;

int block_gelu_forward(int32_t n, const float *x, float *y)
{
    for (int32_t i = 0; i < n; i++) {
        float u = gelu_outer * (x[i] + gelu_cubic * x[i] * x[i] * x[i]);
        y[i] = 0.5f * x[i] * (1 + tanhf(u));
    }
    return 0;
}

int block_gelu_backward(int32_t n, const float *dy, const float *x, float *dx)
{
    for (int32_t i = 0; i < n; i++) {
        float u = gelu_outer * (x[i] + gelu_cubic * x[i] * x[i] * x[i]), tanh_u = tanhf(u);
        float du = gelu_outer * (1 + gelu_cubic * x[i] * x[i]);
        dx[i] = dy[i] * (0.5f * (1 + tanh_u) + 0.5f * x[i] * (1 - tanh_u * tanh_u) * du);
    }
    return 0;
}

/* ----------------------------------------------------------------- block */

enum { NORM1_GAIN, NORM1_BIAS, QKV_W, QKV_BIAS, PROJ_W, PROJ_BIAS, NORM2_GAIN, NORM2_BIAS, FC_W, FC_BIAS, OUT_W,
       OUT_BIAS, TENSORS };

/* Where each tensor begins in the flat array of parameters, and in that of their gradients. */
static void layout(const struct block_sizes *p, size_t at[TENSORS])
{
    size_t d = (size_t)p->d, f = (size_t)p->f;
    const size_t elements[TENSORS] = {[NORM1_GAIN] = d, [NORM1_BIAS] = d, [QKV_W] = 3 * d * d, [QKV_BIAS] = 3 * d,
                                      [PROJ_W] = d * d, [PROJ_BIAS] = d,  [NORM2_GAIN] = d,    [NORM2_BIAS] = d,
                                      [FC_W] = d * f,   [FC_BIAS] = f,    [OUT_W] = f * d,     [OUT_BIAS] = d};

    at[0] = 0;
    for (size_t i = 1; i < TENSORS; i++)
        at[i] = at[i - 1] + elements[i - 1];
}

/* What is kept between the layers, and the gradients on the way back. All of it lies in `memory`. */
struct tape {
    float *memory;
    float *norm1, *mean1, *rstd1, *qkv, *mix, *mid, *norm2, *mean2, *rstd2, *fc, *act;
    float *scratch; /* the size of the widest layer */
};

static bool tape_open(const struct block_sizes *p, struct tape *tape)
{
    size_t rows = (size_t)p->b * (size_t)p->t, d = (size_t)p->d, f = (size_t)p->f, widest = 3 * d > f ? 3 * d : f;
    struct {
        float **place;
        size_t elements;
    } part[] = {{&tape->norm1, rows * d}, {&tape->mean1, rows},     {&tape->rstd1, rows}, {&tape->qkv, rows * 3 * d},
                {&tape->mix, rows * d},   {&tape->mid, rows * d},   {&tape->norm2, rows * d}, {&tape->mean2, rows},
                {&tape->rstd2, rows},     {&tape->fc, rows * f},    {&tape->act, rows * f},
                {&tape->scratch, rows * widest}};
    size_t total = 1;

    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        total += part[i].elements;
    float *next = tape->memory = malloc(total * sizeof *next);
    for (size_t i = 0; next != NULL && i < sizeof part / sizeof *part; i++) {
        *part[i].place = next;
        next += part[i].elements;
    }
    return tape->memory != NULL;
}

static void add(size_t n, const float *x, const float *y, float *sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] = x[i] + y[i];
}

static void forward(const struct block_sizes *p, const float *params, const float *x, struct tape *tape, float *y)
{
    size_t at[TENSORS], n = (size_t)p->b * (size_t)p->t * (size_t)p->d;
    int32_t b = p->b, t = p->t, d = p->d, f = p->f;

    layout(p, at);
    block_norm_forward(b, t, d, x, params + at[NORM1_GAIN], params + at[NORM1_BIAS], tape->norm1, tape->mean1,
                       tape->rstd1);
    block_linear_forward(b, t, d, 3 * d, tape->norm1, params + at[QKV_W], params + at[QKV_BIAS], tape->qkv);
    block_attention_forward(b, t, d, p->h, tape->qkv, tape->mix);
    block_linear_forward(b, t, d, d, tape->mix, params + at[PROJ_W], params + at[PROJ_BIAS], tape->mid);
    add(n, x, tape->mid, tape->mid);
    block_norm_forward(b, t, d, tape->mid, params + at[NORM2_GAIN], params + at[NORM2_BIAS], tape->norm2, tape->mean2,
                       tape->rstd2);
    block_linear_forward(b, t, d, f, tape->norm2, params + at[FC_W], params + at[FC_BIAS], tape->fc);
    block_gelu_forward(b * t * f, tape->fc, tape->act);
    block_linear_forward(b, t, f, d, tape->act, params + at[OUT_W], params + at[OUT_BIAS], y);
    add(n, tape->mid, y, y);
}

int block_forward(const struct block_sizes *p, const float *params, const float *x, float *y)
{
    struct tape tape;

    if (!tape_open(p, &tape))
        return 1;
    forward(p, params, x, &tape, y);
    free(tape.memory);
    return 0;
}

/* From the last layer to the first. Activations that are not needed any more make room for gradients. */
static void backward(const struct block_sizes *p, const float *dy, const float *params, const float *x,
                     struct tape *tape, float *dx, float *dparams)
{
    size_t at[TENSORS], n = (size_t)p->b * (size_t)p->t * (size_t)p->d;
    int32_t b = p->b, t = p->t, d = p->d, f = p->f;
    float *down = tape->scratch;

    layout(p, at);
    memcpy(dx, dy, n * sizeof *dx); /* around the MLP; dx is dmid until norm2 is done */
    block_linear_backward(b, t, f, d, dy, tape->act, params + at[OUT_W], down, dparams + at[OUT_W],
                          dparams + at[OUT_BIAS]);
    block_gelu_backward(b * t * f, down, tape->fc, tape->act);
    block_linear_backward(b, t, d, f, tape->act, tape->norm2, params + at[FC_W], down, dparams + at[FC_W],
                          dparams + at[FC_BIAS]);
    block_norm_backward(b, t, d, down, tape->mid, params + at[NORM2_GAIN], tape->mean2, tape->rstd2, dx,
                        dparams + at[NORM2_GAIN], dparams + at[NORM2_BIAS]);

    /* dx stays what it is around the attention; its branch is added by norm1. */
    block_linear_backward(b, t, d, d, dx, tape->mix, params + at[PROJ_W], tape->norm2, dparams + at[PROJ_W],
                          dparams + at[PROJ_BIAS]);
    block_attention_backward(b, t, d, p->h, tape->norm2, tape->qkv, down);
    block_linear_backward(b, t, d, 3 * d, down, tape->norm1, params + at[QKV_W], tape->mix, dparams + at[QKV_W],
                          dparams + at[QKV_BIAS]);
    block_norm_backward(b, t, d, tape->mix, x, params + at[NORM1_GAIN], tape->mean1, tape->rstd1, dx,
                        dparams + at[NORM1_GAIN], dparams + at[NORM1_BIAS]);
}

int block_backward(const struct block_sizes *p, const float *dy, const float *params, const float *x, float *dx,
                   float *dparams)
{
    struct tape tape;

    if (!tape_open(p, &tape))
        return 1;
    forward(p, params, x, &tape, dx); /* y is of no interest: dx has room for it until the way back begins */
    backward(p, dy, params, x, &tape, dx, dparams);
    free(tape.memory);
    return 0;
}
