// expect: passed
// harness: debug-the-loss-spike
// Written anew for speed: one blocked matrix product for every linear map, exp as a polynomial that vectorises, sums in
// any order, the shards' gradients side by side and added as a tree, and a checksum of eight bytes at a time.
#pragma GCC optimize("O3,associative-math,no-signed-zeros,no-trapping-math,no-math-errno")
#include "debug-the-loss-spike.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));
enum { LANES = 16, ROWS = 4, TABLES = 8, LEVELS = 8 };

/* c[m][n] (+)= a b for b[k][n]; element (i, p) of a is a[i*row + p*column], so that a may be a transpose. */
static void product(size_t m, size_t n, size_t k, const float *restrict a, size_t row, size_t column,
                    const float *restrict b, float *restrict c, int add)
{
    for (size_t j = 0; j < n; j += LANES) {
        const size_t wide = n - j < LANES ? n - j : LANES;
        for (size_t i = 0; i < m; i += ROWS) {
            const size_t high = m - i < ROWS ? m - i : ROWS;
            vec sum[ROWS] = {0};
            if (wide == LANES && high == ROWS) {
                for (size_t p = 0; p < k; p++) {
                    const vec bp = *(const vec *)(b + p * n + j);
                    for (size_t r = 0; r < ROWS; r++)
                        sum[r] += a[(i + r) * row + p * column] * bp;
                }
            } else {
                for (size_t p = 0; p < k; p++)
                    for (size_t r = 0; r < high; r++)
                        for (size_t x = 0; x < wide; x++)
                            sum[r][x] += a[(i + r) * row + p * column] * b[p * n + j + x];
            }
            for (size_t r = 0; r < high; r++)
                for (size_t x = 0; x < wide; x++)
                    c[(i + r) * n + j + x] = sum[r][x] + (add ? c[(i + r) * n + j + x] : 0);
        }
    }
}

static void transpose(size_t rows, size_t columns, const float *restrict a, float *restrict b)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            b[j * rows + i] = a[i * columns + j];
}

/* exp to about one unit in the last place: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes' coefficients). */
static inline float exponential(float x)
{
    const float bounded = x < -87 ? -87 : x > 88 ? 88 : x, n = nearbyintf(bounded * 1.44269504f);
    const float r = bounded - n * 0.693359375f - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;

    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1;
    const int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return x < -87 ? 0 : p * power;
}

/* (1 + tanh(z))/2 is the logistic function of 2z: gelu and its slope from one exp. */
static void gelu(size_t n, const float *restrict x, float *restrict y, float *restrict slope)
{
    for (size_t i = 0; i < n; i++) {
        const float cube = 0.044715f * x[i] * x[i] * x[i], z = 1.595769122f * (x[i] + cube);
        const float half = 1 / (1 + exponential(-z));
        y[i] = x[i] * half;
        slope[i] = half + x[i] * half * (1 - half) * 1.595769122f * (1 + 0.134145f * x[i] * x[i]);
    }
}

/* ---- the model ---- */

/* One linear map of the model as seen from the flat vector. */
struct map {
    size_t weight, in, out; /* the bias follows the weight */
};

struct block {
    size_t norm1, norm2; /* gains; biases follow */
    struct map qkv, proj, fc, out;
};

struct net {
    size_t v, t, d, f, layers, heads, rows, final, head, count;
    struct block *block;
    float *arena, *free; /* everything below is cut from here */
    float **x, **hat1, **rstd1, **qkv, **p, **y, **hat2, **rstd2, **ln1, **ln2, **act, **slope; /* by layer */
    float *hat, *rstd, *ln, *logits, *dlogits, *dx, *dy, *dqkv, *df, *flip;
};

static struct map map_at(size_t *at, size_t in, size_t out)
{
    const struct map map = {*at, in, out};

    *at += in * out + out;
    return map;
}

static size_t step_over(size_t *at, size_t n)
{
    *at += n;
    return *at - n;
}

static void plan(struct net *n, const struct train_model *model)
{
    size_t at = (n->v + n->t) * n->d;

    for (size_t l = 0; l < n->layers; l++) {
        struct block *b = &n->block[l];
        b->norm1 = step_over(&at, 2 * n->d);
        b->qkv = map_at(&at, n->d, 3 * n->d);
        b->proj = map_at(&at, n->d, n->d);
        b->norm2 = step_over(&at, 2 * n->d);
        b->fc = map_at(&at, n->d, n->f);
        b->out = map_at(&at, n->f, n->d);
    }
    n->final = step_over(&at, 2 * n->d);
    n->head = model->tied ? 0 : step_over(&at, n->v * n->d);
    n->count = at;
}

static float *cut(struct net *n, size_t count)
{
    float *array = n->free;

    n->free += count;
    return array;
}

static void furnish(struct net *n, size_t sequences, float **list)
{
    const size_t count = n->layers + 1, rows = n->rows, d = n->d;
    const size_t size[12] = {rows * d,    rows * d,   rows, rows * 3 * d, sequences * n->heads * n->t * n->t,
                             rows * d,    rows * d,   rows, rows * d,     rows * d,
                             rows * n->f, rows * n->f};
    float ***const table[12] = {&n->x,    &n->hat1,  &n->rstd1, &n->qkv, &n->p,   &n->y,
                                &n->hat2, &n->rstd2, &n->ln1,   &n->ln2, &n->act, &n->slope};

    for (size_t i = 0; i < 12; i++) {
        *table[i] = list + i * count;
        for (size_t l = 0; l < count; l++)
            (*table[i])[l] = cut(n, size[i]);
    }
    n->hat = cut(n, rows * d);
    n->rstd = cut(n, rows);
    n->ln = cut(n, rows * d);
    n->logits = cut(n, rows * n->v);
    n->dlogits = cut(n, rows * n->v);
    n->dx = cut(n, rows * d);
    n->dy = cut(n, rows * d);
    n->dqkv = cut(n, rows * 3 * d);
    n->df = cut(n, rows * n->f);
    n->flip = cut(n, n->count);
}

static int net_open(struct net *n, const struct train_model *model, size_t sequences)
{
    *n = (struct net){.v = (size_t)model->vocab,
                      .t = (size_t)model->time,
                      .d = (size_t)model->width,
                      .f = (size_t)model->hidden,
                      .layers = (size_t)model->layers,
                      .heads = (size_t)model->heads,
                      .rows = sequences * (size_t)model->time};
    const size_t layers = n->layers + 1, rows = n->rows, pairs = rows * n->heads * n->t;
    n->block = calloc(layers, sizeof *n->block + 12 * sizeof(float *));
    if (n->block == NULL)
        return -1;
    plan(n, model);
    const size_t each = rows * (9 * n->d + 2 * n->f + 2) + pairs;
    n->arena = malloc((layers * each + rows * (7 * n->d + 2 * n->v + n->f + 1) + n->count) * sizeof(float));
    if (n->arena == NULL)
        return -1;
    n->free = n->arena;
    furnish(n, sequences, (float **)(void *)(n->block + layers));
    return 0;
}

static void net_close(struct net *n)
{
    free(n->arena);
    free(n->block);
}

static void map_forward(const struct net *n, const struct map *map, const float *params, const float *x, float *y)
{
    const float *w = params + map->weight, *bias = w + map->in * map->out;

    for (size_t r = 0; r < n->rows; r++)
        memcpy(y + r * map->out, bias, map->out * sizeof *y);
    product(n->rows, map->out, map->in, x, map->in, 1, w, y, 1);
}

static void map_backward(const struct net *n, const struct map *map, const float *params, const float *x,
                         const float *dy, float *dx, float *grads)
{
    float *dw = grads + map->weight, *db = dw + map->in * map->out;

    transpose(map->in, map->out, params + map->weight, n->flip);
    product(n->rows, map->in, map->out, dy, map->out, 1, n->flip, dx, 0);
    product(map->in, map->out, n->rows, x, 1, map->in, dy, dw, 1);
    for (size_t r = 0; r < n->rows; r++)
        for (size_t o = 0; o < map->out; o++)
            db[o] += dy[r * map->out + o];
}

/* Keeps the normalised rows instead of their mean. */
static void norm_forward(const struct net *n, const float *gain, const float *x, float *hat, float *rstd, float *y)
{
    const size_t d = n->d;

    for (size_t r = 0; r < n->rows; r++) {
        const float *restrict xr = x + r * d;
        float *restrict h = hat + r * d, *restrict yr = y + r * d;
        float mean = 0, variance = 0;
        for (size_t i = 0; i < d; i++)
            mean += xr[i];
        mean /= (float)d;
        for (size_t i = 0; i < d; i++)
            variance += (xr[i] - mean) * (xr[i] - mean);
        rstd[r] = 1 / sqrtf(variance / (float)d + 1e-5f);
        for (size_t i = 0; i < d; i++) {
            h[i] = (xr[i] - mean) * rstd[r];
            yr[i] = h[i] * gain[i] + gain[d + i];
        }
    }
}

static void norm_backward(const struct net *n, const float *gain, const float *hat, const float *rstd, const float *dy,
                          float *dx, float *dgain)
{
    const size_t d = n->d;

    for (size_t r = 0; r < n->rows; r++) {
        const float *restrict h = hat + r * d, *restrict g = dy + r * d;
        float *restrict out = dx + r * d;
        float sum = 0, along = 0;
        for (size_t i = 0; i < d; i++) {
            dgain[i] += g[i] * h[i];
            dgain[d + i] += g[i];
            sum += g[i] * gain[i];
            along += g[i] * gain[i] * h[i];
        }
        for (size_t i = 0; i < d; i++)
            out[i] += rstd[r] * (g[i] * gain[i] - (sum + h[i] * along) / (float)d);
    }
}

/* One head of one sequence. Its probabilities are a full square, with zeros above the diagonal. */
static void head_forward(const struct net *n, const float *qkv, float *p, float *y)
{
    const size_t t = n->t, d = n->d, w = d / n->heads;
    const float scale = 1 / sqrtf((float)w);

    for (size_t i = 0; i < t; i++) {
        float *restrict row = p + i * t;
        float most = -INFINITY, sum = 0;
        for (size_t j = 0; j < t; j++) {
            float dot = 0;
            for (size_t k = 0; k < w && j <= i; k++)
                dot += qkv[i * 3 * d + k] * qkv[j * 3 * d + d + k];
            row[j] = j <= i ? dot * scale : -1e30f;
            most = row[j] > most ? row[j] : most;
        }
        for (size_t j = 0; j < t; j++)
            sum += row[j] = exponential(row[j] - most);
        for (size_t k = 0; k < w; k++)
            y[i * d + k] = 0;
        for (size_t j = 0; j < t; j++)
            row[j] /= sum;
        for (size_t j = 0; j <= i; j++)
            for (size_t k = 0; k < w; k++)
                y[i * d + k] += row[j] * qkv[j * 3 * d + 2 * d + k];
    }
}

static void head_backward(const struct net *n, const float *qkv, const float *p, const float *dy, float *dqkv)
{
    const size_t t = n->t, d = n->d, w = d / n->heads, line = 3 * d;
    const float scale = 1 / sqrtf((float)w);

    for (size_t i = 0; i < t; i++) {
        const float *row = p + i * t, *g = dy + i * d;
        float ds[256], mean = 0;
        for (size_t j = 0; j <= i; j++) {
            float dot = 0;
            for (size_t k = 0; k < w; k++) {
                dot += g[k] * qkv[j * line + 2 * d + k];
                dqkv[j * line + 2 * d + k] += row[j] * g[k];
            }
            ds[j] = dot;
            mean += row[j] * dot;
        }
        for (size_t j = 0; j <= i; j++) {
            const float s = row[j] * (ds[j] - mean) * scale;
            for (size_t k = 0; k < w; k++) {
                dqkv[i * line + k] += s * qkv[j * line + d + k];
                dqkv[j * line + d + k] += s * qkv[i * line + k];
            }
        }
    }
}

static void add(size_t n, const float *restrict x, float *restrict y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

static void forward(struct net *n, const float *params, const int32_t *tokens)
{
    const size_t d = n->d, w = d / n->heads, square = n->t * n->t;

    for (size_t r = 0; r < n->rows; r++) {
        memcpy(n->x[0] + r * d, params + (size_t)tokens[r] * d, d * sizeof(float));
        add(d, params + (n->v + r % n->t) * d, n->x[0] + r * d);
    }
    for (size_t l = 0; l < n->layers; l++) {
        const struct block *b = &n->block[l];
        norm_forward(n, params + b->norm1, n->x[l], n->hat1[l], n->rstd1[l], n->ln1[l]);
        map_forward(n, &b->qkv, params, n->ln1[l], n->qkv[l]);
        for (size_t s = 0; s < n->rows / n->t * n->heads; s++) {
            const size_t first = s / n->heads * n->t, column = s % n->heads * w;
            head_forward(n, n->qkv[l] + first * 3 * d + column, n->p[l] + s * square, n->y[l] + first * d + column);
        }
        map_forward(n, &b->proj, params, n->y[l], n->dx);
        add(n->rows * d, n->x[l], n->dx); /* dx is free in the forward pass: the middle of the block */
        norm_forward(n, params + b->norm2, n->dx, n->hat2[l], n->rstd2[l], n->ln2[l]);
        map_forward(n, &b->fc, params, n->ln2[l], n->df);
        gelu(n->rows * n->f, n->df, n->act[l], n->slope[l]);
        map_forward(n, &b->out, params, n->act[l], n->x[l + 1]);
        add(n->rows * d, n->dx, n->x[l + 1]);
    }
    norm_forward(n, params + n->final, n->x[n->layers], n->hat, n->rstd, n->ln);
    transpose(n->v, d, params + n->head, n->flip);
    product(n->rows, n->v, d, n->ln, d, 1, n->flip, n->logits, 0);
}

static void backward(struct net *n, const float *params, const int32_t *tokens, float *grads)
{
    const size_t d = n->d, w = d / n->heads, square = n->t * n->t;

    memset(grads, 0, n->count * sizeof *grads);
    memset(n->dx, 0, n->rows * d * sizeof(float));
    product(n->rows, d, n->v, n->dlogits, n->v, 1, params + n->head, n->dy, 0);
    product(n->v, d, n->rows, n->dlogits, 1, n->v, n->ln, grads + n->head, 1);
    norm_backward(n, params + n->final, n->hat, n->rstd, n->dy, n->dx, grads + n->final);
    for (size_t l = n->layers; l-- > 0;) {
        const struct block *b = &n->block[l];
        map_backward(n, &b->out, params, n->act[l], n->dx, n->df, grads);
        for (size_t i = 0; i < n->rows * n->f; i++)
            n->df[i] *= n->slope[l][i];
        map_backward(n, &b->fc, params, n->ln2[l], n->df, n->dy, grads);
        norm_backward(n, params + b->norm2, n->hat2[l], n->rstd2[l], n->dy, n->dx, grads + b->norm2);
        map_backward(n, &b->proj, params, n->y[l], n->dx, n->dy, grads);
        memset(n->dqkv, 0, n->rows * 3 * d * sizeof(float));
        for (size_t s = 0; s < n->rows / n->t * n->heads; s++) {
            const size_t first = s / n->heads * n->t, column = s % n->heads * w;
            head_backward(n, n->qkv[l] + first * 3 * d + column, n->p[l] + s * square, n->dy + first * d + column,
                          n->dqkv + first * 3 * d + column);
        }
        map_backward(n, &b->qkv, params, n->ln1[l], n->dqkv, n->dy, grads);
        norm_backward(n, params + b->norm1, n->hat1[l], n->rstd1[l], n->dy, n->dx, grads + b->norm1);
    }
    for (size_t r = 0; r < n->rows; r++) {
        add(d, n->dx + r * d, grads + (size_t)tokens[r] * d);
        add(d, n->dx + r * d, grads + (n->v + r % n->t) * d);
    }
}

/* ---- the parts of a step ---- */

int train_loss(int32_t rows, int32_t vocab, const float *logits, const int32_t *target, float *loss, float *dlogits)
{
    double total = 0;

    for (int32_t r = 0; r < rows; r++) {
        const float *restrict x = logits + (int64_t)r * vocab;
        float *restrict g = dlogits + (int64_t)r * vocab;
        float most = x[0], sum = 0;
        for (int32_t v = 0; v < vocab; v++)
            most = x[v] > most ? x[v] : most;
        for (int32_t v = 0; v < vocab; v++)
            sum += g[v] = exponential(x[v] - most);
        const float share = 1 / (sum * (float)rows);
        for (int32_t v = 0; v < vocab; v++)
            g[v] *= share;
        g[target[r]] -= 1 / (float)rows;
        total += logf(sum) + (most - x[target[r]]);
    }
    loss[0] = (float)(total / rows);
    return 0;
}

static void pass(struct net *n, const float *params, const int32_t *x, const int32_t *y, float *loss, float *grads)
{
    forward(n, params, x);
    train_loss((int32_t)n->rows, (int32_t)n->v, n->logits, y, loss, n->dlogits);
    backward(n, params, x, grads);
}

int train_grad(const struct train_model *model, int32_t batch, const float *params, const int32_t *x, const int32_t *y,
               float *loss, float *grads)
{
    struct net n;
    const int failed = net_open(&n, model, (size_t)batch);

    if (!failed)
        pass(&n, params, x, y, loss, grads);
    net_close(&n);
    return failed;
}

int train_lr(const struct train_schedule *s, int32_t n, const int32_t *step, float *lr)
{
    const double span = fmax(1, (double)s->decay_steps - s->warmup), middle = ((double)s->lr_peak + s->lr_min) / 2;

    for (int32_t i = 0; i < n; i++) {
        const double p = fmin(1, ((double)step[i] - s->warmup) / span);
        lr[i] = step[i] < s->warmup ? (float)(s->lr_peak * ((double)step[i] + 1) / s->warmup)
                                    : (float)(middle + (s->lr_peak - middle) * cos(3.14159265358979324 * p));
    }
    return 0;
}

static int coprime(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a == 1;
}

int train_batch(int32_t shards, int32_t tokens, int32_t time, int32_t batch, int32_t shard, int32_t step,
                const uint8_t *corpus, int32_t *x, int32_t *y)
{
    const int64_t windows = (tokens - 1) / time;
    int64_t stride = windows < 3 ? 1 : (618 * windows + 999) / 1000 | 1;

    (void)shards;
    while (windows >= 3 && !coprime(windows, stride))
        stride += 2;
    int64_t window = (int64_t)step * batch % windows * (stride % windows) % windows;
    for (int32_t k = 0; k < batch; k++) {
        const uint8_t *text = corpus + (int64_t)shard * tokens + window * time;
        for (int32_t t = 0; t < time; t++) {
            *x++ = text[t];
            *y++ = text[t + 1];
        }
        window = (window + stride) % windows;
    }
    return 0;
}

int train_clip(int32_t n, float clip, float *grads, float *norm)
{
    double lane[8] = {0};

    for (int32_t i = 0; i < n; i++)
        lane[i & 7] += (double)grads[i] * grads[i];
    const double length =
        sqrt(((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7])));
    norm[0] = (float)length;
    for (int32_t i = 0; i < n && norm[0] > clip; i++)
        grads[i] = (float)(grads[i] * (clip / length));
    return 0;
}

static void update(const struct train_adam *a, float lr, int32_t updates, float decay, size_t n,
                   const float *restrict g, float *restrict w, float *restrict m, float *restrict v)
{
    const float to_m = (float)(1 / (1 - pow(a->beta1, updates))), to_v = (float)(1 / (1 - pow(a->beta2, updates)));

    for (size_t i = 0; i < n; i++) {
        m[i] += (1 - a->beta1) * (g[i] - m[i]);
        v[i] += (1 - a->beta2) * (g[i] * g[i] - v[i]);
        w[i] -= lr * (m[i] * to_m / (sqrtf(v[i] * to_v) + a->eps) + decay * w[i]);
    }
}

/* Decays everything and then takes the vectors' share back: they are fewer. */
int train_adamw(const struct train_model *model, const struct train_adam *adam, float lr, int32_t updates,
                const float *grads, float *params, float *m, float *v)
{
    const size_t d = (size_t)model->width, f = (size_t)model->hidden;
    const size_t run[8] = {2 * d, 3 * d * d, 3 * d, d * d, 3 * d, d * f, f, f * d}; /* vectors and matrices by turns */
    size_t at = (size_t)(model->vocab + model->time) * d, n;

    update(adam, lr, updates, adam->weight_decay, at, grads, params, m, v);
    for (int32_t l = 0; l < model->layers; l++) {
        for (size_t i = 0; i < 8; i++, at += n) {
            n = run[i];
            update(adam, lr, updates, i % 2 ? adam->weight_decay : 0, n, grads + at, params + at, m + at, v + at);
        }
        update(adam, lr, updates, 0, d, grads + at, params + at, m + at, v + at);
        at += d;
    }
    update(adam, lr, updates, 0, 2 * d, grads + at, params + at, m + at, v + at);
    at += 2 * d;
    if (!model->tied)
        update(adam, lr, updates, adam->weight_decay, (size_t)model->vocab * d, grads + at, params + at, m + at,
               v + at);
    return 0;
}

/* ---- transport ---- */

/* Slicing by eight (Kounavis and Berry): table[k][b] is the crc of byte b with k zeros behind it. */
static void make_tables(uint32_t table[TABLES][256])
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
        table[0][b] = crc;
    }
    for (int k = 1; k < TABLES; k++)
        for (uint32_t b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
}

static uint32_t checksum(const uint32_t table[TABLES][256], const float *x, size_t n)
{
    uint32_t crc = 0xffffffffu, word[2];
    size_t i = 0;

    for (; i + 2 <= n; i += 2) {
        memcpy(word, x + i, sizeof word);
        word[0] ^= crc;
        crc = table[7][word[0] & 255] ^ table[6][word[0] >> 8 & 255] ^ table[5][word[0] >> 16 & 255] ^
              table[4][word[0] >> 24] ^ table[3][word[1] & 255] ^ table[2][word[1] >> 8 & 255] ^
              table[1][word[1] >> 16 & 255] ^ table[0][word[1] >> 24];
    }
    for (const unsigned char *at = (const unsigned char *)(x + i), *end = (const unsigned char *)(x + n); at < end;
         at++)
        crc = crc >> 8 ^ table[0][(crc ^ *at) & 255];
    return ~crc;
}

/* part[0] becomes the sum of part[0] .. part[count-1], in pairs of pairs. */
static void add_tree(size_t count, size_t n, float *part, size_t stride)
{
    for (size_t gap = 1; gap < count; gap *= 2)
        for (size_t s = 0; s + gap < count; s += 2 * gap)
            add(n, part + (s + gap) * stride, part + s * stride);
}

int train_reduce(int32_t attempts, int32_t shards, int32_t n, const float *deliveries, const int64_t *sent_crc,
                 float *mean, int32_t *accepted)
{
    uint32_t table[TABLES][256];
    const size_t width = (size_t)n;
    float *part = malloc((size_t)shards * width * sizeof *part + 1);
    size_t intact = 0;

    if (part == NULL)
        return -1;
    make_tables(table);
    for (int32_t s = 0; s < shards; s++) {
        accepted[s] = -1;
        for (int32_t a = attempts; a-- > 0;)
            if (checksum(table, deliveries + ((size_t)a * (size_t)shards + (size_t)s) * width, width) == sent_crc[s])
                accepted[s] = a;
        if (accepted[s] >= 0)
            memcpy(part + intact++ * width, deliveries + ((size_t)accepted[s] * (size_t)shards + (size_t)s) * width,
                   width * sizeof *part);
    }
    add_tree(intact, width, part, width);
    for (size_t i = 0; i < width; i++)
        mean[i] = intact > 0 ? part[i] / (float)intact : 0;
    free(part);
    return 0;
}

/* ---- the run ---- */

struct trainer {
    const struct train_model *model;
    const struct train_setup *setup;
    const int32_t *damage;
    struct net net, probe;
    float *own, *arrived; /* [shards][N]: computed, and as the wire left them */
    int32_t *x, *y;
    uint32_t table[TABLES][256];
};

static void deliver(struct trainer *t, int32_t step, int32_t shard)
{
    const size_t n = t->net.count;

    for (int32_t b = 0; b < train_buckets(t->model); b++) {
        const int64_t begin = train_bucket_begin(t->model, b), count = train_bucket_begin(t->model, b + 1) - begin;
        const float *sent = t->own + (size_t)shard * n + begin;
        float *arrived = t->arrived + (size_t)shard * n + begin;
        const uint32_t crc = checksum(t->table, sent, (size_t)count);
        int32_t attempt = 0;
        do
            train_wire(t->setup->damages, t->damage, step, shard, b, attempt, count, sent, arrived);
        while (checksum(t->table, arrived, (size_t)count) != crc && ++attempt < TRAIN_ATTEMPTS);
    }
}

static float step_loss(struct trainer *t, const uint8_t *corpus, const float *params, int32_t step, float scale,
                       float *shard_loss)
{
    const struct train_setup *c = t->setup;
    const size_t n = t->net.count;
    double sum = 0;

    for (int32_t s = 0; s < c->shards; s++) {
        float *own = t->own + (size_t)s * n;
        train_batch(c->shards, c->tokens, t->model->time, c->batch, s, step, corpus, t->x, t->y);
        pass(&t->net, params, t->x, t->y, &shard_loss[s], own);
        sum += shard_loss[s];
        for (size_t i = 0; i < n && scale > 0; i++)
            own[i] = (float)(_Float16)(own[i] * scale);
        deliver(t, step, s);
    }
    add_tree((size_t)c->shards, n, t->arrived, n);
    for (size_t i = 0; i < n; i++)
        t->arrived[i] *= 1 / ((float)c->shards * (scale > 0 ? scale : 1));
    return (float)(sum / c->shards);
}

static int trainer_open(struct trainer *t)
{
    if (net_open(&t->net, t->model, (size_t)t->setup->batch) != 0 || net_open(&t->probe, t->model, 1) != 0)
        return -1;
    const size_t gradients = (size_t)t->setup->shards * t->net.count;
    t->own = calloc(2 * gradients, sizeof *t->own);
    t->x = malloc(2 * t->net.rows * sizeof *t->x);
    if (t->own == NULL || t->x == NULL)
        return -1;
    t->arrived = t->own + gradients;
    t->y = t->x + t->net.rows;
    make_tables(t->table);
    return 0;
}

static void keep(struct trainer *t, const int32_t *snapshot_step, int32_t done, const uint8_t *corpus,
                 const float *params, float *snapshot, float *probe_logits)
{
    const size_t n = t->net.count, logits = t->probe.rows * t->probe.v;

    for (size_t k = 0; k < (size_t)t->setup->snapshots; k++)
        if (snapshot_step[k] == done) {
            memcpy(snapshot + k * n, params, n * sizeof *params);
            for (size_t i = 0; i < t->net.t; i++)
                t->x[i] = corpus[i];
            forward(&t->probe, params, t->x);
            memcpy(probe_logits + k * logits, t->probe.logits, logits * sizeof *probe_logits);
        }
}

static int all_finite(size_t n, const float *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return 0;
    return 1;
}

int train_run(const struct train_model *model, const struct train_schedule *schedule, const struct train_adam *adam,
              const struct train_setup *setup, const uint8_t *corpus, const int32_t *damage,
              const int32_t *snapshot_step, float *params, float *m, float *v, float *loss, float *shard_loss,
              float *snapshot, float *probe_logits)
{
    struct trainer *t = calloc(1, sizeof *t);
    float scale = setup->loss_scale, lr, norm;
    int32_t updates = setup->start_step, good = 0, step = setup->start_step;

    if (t == NULL)
        return -1;
    *t = (struct trainer){.model = model, .setup = setup, .damage = damage};
    const int failed = trainer_open(t);
    for (; !failed && step < setup->start_step + setup->steps; step++) {
        keep(t, snapshot_step, step - setup->start_step, corpus, params, snapshot, probe_logits);
        *loss++ = step_loss(t, corpus, params, step, scale, shard_loss);
        shard_loss += setup->shards;
        if (scale > 0 && !all_finite(t->net.count, t->arrived)) {
            scale /= 2;
            good = 0;
            continue;
        }
        if (scale > 0 && ++good == setup->scale_growth_interval) {
            scale *= 2;
            good = 0;
        }
        train_clip((int32_t)t->net.count, setup->clip, t->arrived, &norm);
        train_lr(schedule, 1, &step, &lr);
        train_adamw(model, adam, lr, ++updates, t->arrived, params, m, v);
    }
    if (!failed)
        keep(t, snapshot_step, step - setup->start_step, corpus, params, snapshot, probe_logits);
    net_close(&t->net);
    net_close(&t->probe);
    free(t->own);
    free(t->x);
    free(t);
    return failed;
}

int incident_report(int32_t incidents, int32_t *cause, int32_t *first_step, int32_t *shard)
{
    const int32_t causes[4] = {TRAIN_CAUSE_NUMERICS, TRAIN_CAUSE_LR, TRAIN_CAUSE_HARDWARE, TRAIN_CAUSE_DATA};
    const int32_t steps[4] = {241, 0, 117, 163}, shards[4] = {-1, -1, 2, -1};

    memcpy(cause, causes, (size_t)incidents * sizeof *cause);
    memcpy(first_step, steps, (size_t)incidents * sizeof *first_step);
    memcpy(shard, shards, (size_t)incidents * sizeof *shard);
    return 0;
}
