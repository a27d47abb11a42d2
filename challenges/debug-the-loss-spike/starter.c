// harness: debug-the-loss-spike
// The trainer as it was on the night of the incident (README.md, incident.csv): plain loops in float32, about one
// function for each line of the mathematics. It compiles, it runs, its loss falls for a while, and it is wrong in more
// than one place. Repair it or write it anew; then say in incident_report what had happened.
#include "debug-the-loss-spike.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* The tensors of a block, in the order of the flat vector. */
enum { LN1_GAIN, LN1_BIAS, QKV_W, QKV_B, PROJ_W, PROJ_B, LN2_GAIN, LN2_BIAS, FC_W, FC_B, OUT_W, OUT_B, BLOCK_TENSORS };

struct layout {
    size_t v, t, d, f, layers, heads;
    size_t size[BLOCK_TENSORS], block, final_gain, head, count; /* places in the flat vector */
};

static struct layout layout_of(const struct train_model *model)
{
    const size_t v = (size_t)model->vocab, t = (size_t)model->time, d = (size_t)model->width, f = (size_t)model->hidden;
    struct layout at = {.v = v, .t = t, .d = d, .f = f, .layers = (size_t)model->layers, .heads = (size_t)model->heads,
                        .size = {d, d, 3 * d * d, 3 * d, d * d, d, d, d, d * f, f, f * d, d}};

    for (size_t i = 0; i < BLOCK_TENSORS; i++)
        at.block += at.size[i];
    at.final_gain = (v + t) * d + at.layers * at.block;
    at.head = model->tied ? 0 : at.final_gain + 2 * d;
    at.count = at.final_gain + 2 * d + (model->tied ? 0 : v * d);
    return at;
}

static size_t place(const struct layout *at, size_t layer, size_t tensor)
{
    size_t offset = (at->v + at->t) * at->d + layer * at->block;

    for (size_t i = 0; i < tensor; i++)
        offset += at->size[i];
    return offset;
}

/* ---- linear algebra ---- */

static float dot(const float *a, const float *b, size_t n)
{
    float lane[4] = {0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            lane[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        lane[i % 4] += a[i] * b[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* y += a * x */
static void axpy(float a, const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

/* y[rows][out] = x[rows][in] w[in][out] + b[out] */
static void linear(const float *x, const float *w, const float *b, float *y, size_t rows, size_t in, size_t out)
{
    for (size_t r = 0; r < rows; r++) {
        memcpy(y + r * out, b, out * sizeof *y);
        for (size_t i = 0; i < in; i++)
            axpy(x[r * in + i], w + i * out, y + r * out, out);
    }
}

/* dx is overwritten, dw and db are added to; wt is room for the transpose of w. */
static void linear_backward(const float *x, const float *w, const float *dy, float *wt, float *dx, float *dw, float *db,
                            size_t rows, size_t in, size_t out)
{
    for (size_t i = 0; i < in; i++)
        for (size_t o = 0; o < out; o++)
            wt[o * in + i] = w[i * out + o];
    memset(dx, 0, rows * in * sizeof *dx);
    for (size_t r = 0; r < rows; r++) {
        axpy(1, dy + r * out, db, out);
        for (size_t i = 0; i < in; i++)
            axpy(x[r * in + i], dy + r * out, dw + i * out, out);
        for (size_t o = 0; o < out; o++)
            axpy(dy[r * out + o], wt + o * in, dx + r * in, in);
    }
}

static void layer_norm(const float *x, const float *gain, const float *bias, float *y, float *mean, float *rstd,
                       size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n;
        float sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += xr[i];
        mean[r] = sum / (float)n;
        for (size_t i = 0; i < n; i++)
            squares += (xr[i] - mean[r]) * (xr[i] - mean[r]);
        rstd[r] = 1 / sqrtf(squares / (float)n + 1e-5f);
        for (size_t i = 0; i < n; i++)
            y[r * n + i] = (xr[i] - mean[r]) * rstd[r] * gain[i] + bias[i];
    }
}

/* dx, dgain and dbias are added to. */
static void layer_norm_backward(const float *x, const float *gain, const float *mean, const float *rstd,
                                const float *dy, float *dx, float *dgain, float *dbias, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n, *dyr = dy + r * n;
        float g = 0, gx = 0;
        for (size_t i = 0; i < n; i++) {
            const float xhat = (xr[i] - mean[r]) * rstd[r];
            g += gain[i] * dyr[i];
            gx += gain[i] * dyr[i] * xhat;
            dgain[i] += dyr[i] * xhat;
            dbias[i] += dyr[i];
        }
        for (size_t i = 0; i < n; i++) {
            const float xhat = (xr[i] - mean[r]) * rstd[r];
            dx[r * n + i] += rstd[r] * (gain[i] * dyr[i] - g / (float)n - xhat * gx / (float)n);
        }
    }
}

static const float gelu_scale = 0.7978845608f; /* sqrt(2/pi) */

static float gelu(float x)
{
    return 0.5f * x * (1 + tanhf(gelu_scale * (x + 0.044715f * x * x * x)));
}

static float gelu_slope(float x)
{
    const float t = tanhf(gelu_scale * (x + 0.044715f * x * x * x));

    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * gelu_scale * (1 + 3 * 0.044715f * x * x);
}

/* ---- attention: qkv[t][3*d] of one sequence, causal ---- */

static void attention(const struct layout *at, const float *qkv, float *p, float *y)
{
    const size_t t = at->t, d = at->d, hd = d / at->heads;
    const float scale = 1 / sqrtf((float)hd);

    for (size_t i = 0; i < t * d; i++)
        y[i] = 0;
    for (size_t h = 0; h < at->heads; h++)
        for (size_t i = 0; i < t; i++) {
            const float *q = qkv + i * 3 * d + h * hd;
            float *row = p + (h * t + i) * t, most = -INFINITY, sum = 0;
            for (size_t j = 0; j <= i; j++) {
                row[j] = scale * dot(q, qkv + j * 3 * d + d + h * hd, hd);
                most = fmaxf(most, row[j]);
            }
            for (size_t j = 0; j <= i; j++)
                sum += row[j] = expf(row[j] - most);
            for (size_t j = 0; j <= i; j++) {
                row[j] /= sum;
                axpy(row[j], qkv + j * 3 * d + 2 * d + h * hd, y + i * d + h * hd, hd);
            }
        }
}

/* dqkv is added to. */
static void attention_backward(const struct layout *at, const float *qkv, const float *p, const float *dy, float *dp,
                               float *dqkv)
{
    const size_t t = at->t, d = at->d, hd = d / at->heads;
    const float scale = 1 / sqrtf((float)hd);

    for (size_t h = 0; h < at->heads; h++)
        for (size_t i = 0; i < t; i++) {
            const float *row = p + (h * t + i) * t, *dyi = dy + i * d + h * hd;
            float mean = 0;
            for (size_t j = 0; j < i; j++) {
                dp[j] = dot(dyi, qkv + j * 3 * d + 2 * d + h * hd, hd);
                axpy(row[j], dyi, dqkv + j * 3 * d + 2 * d + h * hd, hd);
                mean += row[j] * dp[j];
            }
            for (size_t j = 0; j < i; j++) {
                const float ds = row[j] * (dp[j] - mean) * scale;
                axpy(ds, qkv + j * 3 * d + d + h * hd, dqkv + i * 3 * d + h * hd, hd);
                axpy(ds, qkv + i * 3 * d + h * hd, dqkv + j * 3 * d + d + h * hd, hd);
            }
        }
}

/* ---- the model ---- */

/* What the forward pass leaves for the backward pass: x enters a block, mid is between attention and perceptron. */
struct saved {
    float *x, *ln1, *mean1, *rstd1, *qkv, *p, *y, *mid, *ln2, *mean2, *rstd2, *fc, *act;
};

struct work {
    struct layout at;
    size_t sequences, rows;
    float *memory, *ln, *mean, *rstd, *logits, *dlogits, *dx, *dy, *dqkv, *dfc, *dp, *wt;
    struct saved *layer; /* one more than there are, for the x that leaves the last block */
};

static float *take(float **next, size_t count)
{
    float *array = *next;

    *next += count;
    return array;
}

static int work_init(struct work *w, const struct train_model *model, size_t sequences)
{
    const struct layout at = layout_of(model);
    const size_t rows = sequences * at.t, d = at.d, f = at.f, pairs = sequences * at.heads * at.t * at.t;
    const size_t each = rows * (8 * d + 2 * f + 4) + pairs;
    const size_t more = rows * (6 * d + 2 * at.v + f + 2) + at.t + at.count;

    *w = (struct work){.at = at, .sequences = sequences, .rows = rows};
    w->layer = calloc(at.layers + 1, sizeof *w->layer);
    w->memory = malloc((at.layers * each + rows * d + more) * sizeof(float) + 1);
    if (w->layer == NULL || w->memory == NULL)
        return -1;
    float *next = w->memory;
    for (size_t l = 0; l < at.layers; l++)
        w->layer[l] = (struct saved){
            .x = take(&next, rows * d),       .ln1 = take(&next, rows * d),
            .mean1 = take(&next, rows),       .rstd1 = take(&next, rows),
            .qkv = take(&next, rows * 3 * d), .p = take(&next, pairs),
            .y = take(&next, rows * d),       .mid = take(&next, rows * d),
            .ln2 = take(&next, rows * d),     .mean2 = take(&next, rows),
            .rstd2 = take(&next, rows),       .fc = take(&next, rows * f),
            .act = take(&next, rows * f),
        };
    w->layer[at.layers].x = take(&next, rows * d);
    w->ln = take(&next, rows * d);
    w->mean = take(&next, rows);
    w->rstd = take(&next, rows);
    w->logits = take(&next, rows * at.v);
    w->dlogits = take(&next, rows * at.v);
    w->dx = take(&next, rows * d);
    w->dy = take(&next, rows * d);
    w->dqkv = take(&next, rows * 3 * d);
    w->dfc = take(&next, rows * f);
    w->dp = take(&next, at.t);
    w->wt = take(&next, at.count);
    return 0;
}

static void work_release(struct work *w)
{
    free(w->memory);
    free(w->layer);
}

static void forward_block(struct work *w, const float *params, size_t l)
{
    const struct layout *at = &w->at;
    const struct saved *s = &w->layer[l];
    const size_t rows = w->rows, d = at->d, f = at->f;
    float *x = w->layer[l + 1].x;

    layer_norm(s->x, params + place(at, l, LN1_GAIN), params + place(at, l, LN1_BIAS), s->ln1, s->mean1, s->rstd1,
               rows, d);
    linear(s->ln1, params + place(at, l, QKV_W), params + place(at, l, QKV_B), s->qkv, rows, d, 3 * d);
    for (size_t b = 0; b < w->sequences; b++)
        attention(at, s->qkv + b * at->t * 3 * d, s->p + b * at->heads * at->t * at->t, s->y + b * at->t * d);
    linear(s->y, params + place(at, l, PROJ_W), params + place(at, l, PROJ_B), s->mid, rows, d, d);
    axpy(1, s->x, s->mid, rows * d);
    layer_norm(s->mid, params + place(at, l, LN2_GAIN), params + place(at, l, LN2_BIAS), s->ln2, s->mean2, s->rstd2,
               rows, d);
    linear(s->ln2, params + place(at, l, FC_W), params + place(at, l, FC_B), s->fc, rows, d, f);
    for (size_t i = 0; i < rows * f; i++)
        s->act[i] = gelu(s->fc[i]);
    linear(s->act, params + place(at, l, OUT_W), params + place(at, l, OUT_B), x, rows, f, d);
    axpy(1, s->mid, x, rows * d);
}

static void forward(struct work *w, const float *params, const int32_t *tokens)
{
    const struct layout *at = &w->at;
    const size_t d = at->d;

    for (size_t r = 0; r < w->rows; r++)
        for (size_t i = 0; i < d; i++)
            w->layer[0].x[r * d + i] = params[(size_t)tokens[r] * d + i] + params[(at->v + r % at->t) * d + i];
    for (size_t l = 0; l < at->layers; l++)
        forward_block(w, params, l);
    layer_norm(w->layer[at->layers].x, params + at->final_gain, params + at->final_gain + d, w->ln, w->mean, w->rstd,
               w->rows, d);
    for (size_t v = 0; v < at->v; v++)
        for (size_t i = 0; i < d; i++)
            w->wt[i * at->v + v] = params[at->head + v * d + i];
    memset(w->logits, 0, w->rows * at->v * sizeof(float));
    for (size_t r = 0; r < w->rows; r++)
        for (size_t i = 0; i < d; i++)
            axpy(w->ln[r * d + i], w->wt + i * at->v, w->logits + r * at->v, at->v);
}

/* On entry and on return dx is the gradient by what leaves, and by what enters the block. */
static void backward_block(struct work *w, const float *params, float *grads, size_t l)
{
    const struct layout *at = &w->at;
    const struct saved *s = &w->layer[l];
    const size_t rows = w->rows, d = at->d, f = at->f;

    linear_backward(s->act, params + place(at, l, OUT_W), w->dx, w->wt, w->dfc, grads + place(at, l, OUT_W),
                    grads + place(at, l, OUT_B), rows, f, d);
    for (size_t i = 0; i < rows * f; i++)
        w->dfc[i] *= gelu_slope(s->fc[i]);
    linear_backward(s->ln2, params + place(at, l, FC_W), w->dfc, w->wt, w->dy, grads + place(at, l, FC_W),
                    grads + place(at, l, FC_B), rows, d, f);
    layer_norm_backward(s->mid, params + place(at, l, LN2_GAIN), s->mean2, s->rstd2, w->dy, w->dx,
                        grads + place(at, l, LN2_GAIN), grads + place(at, l, LN2_BIAS), rows, d);
    linear_backward(s->y, params + place(at, l, PROJ_W), w->dx, w->wt, w->dy, grads + place(at, l, PROJ_W),
                    grads + place(at, l, PROJ_B), rows, d, d);
    memset(w->dqkv, 0, rows * 3 * d * sizeof(float));
    for (size_t b = 0; b < w->sequences; b++)
        attention_backward(at, s->qkv + b * at->t * 3 * d, s->p + b * at->heads * at->t * at->t, w->dy + b * at->t * d,
                           w->dp, w->dqkv + b * at->t * 3 * d);
    linear_backward(s->ln1, params + place(at, l, QKV_W), w->dqkv, w->wt, w->dy, grads + place(at, l, QKV_W),
                    grads + place(at, l, QKV_B), rows, d, 3 * d);
    layer_norm_backward(s->x, params + place(at, l, LN1_GAIN), s->mean1, s->rstd1, w->dy, w->dx,
                        grads + place(at, l, LN1_GAIN), grads + place(at, l, LN1_BIAS), rows, d);
}

/* From w->dlogits to the gradient by all parameters. */
static void backward(struct work *w, const float *params, const int32_t *tokens, float *grads)
{
    const struct layout *at = &w->at;
    const size_t d = at->d;

    memset(grads, 0, at->count * sizeof *grads);
    memset(w->dy, 0, w->rows * d * sizeof(float));
    memset(w->dx, 0, w->rows * d * sizeof(float));
    for (size_t r = 0; r < w->rows; r++)
        for (size_t v = 0; v < at->v; v++) {
            axpy(w->dlogits[r * at->v + v], params + at->head + v * d, w->dy + r * d, d);
            axpy(w->dlogits[r * at->v + v], w->ln + r * d, grads + at->head + v * d, d);
        }
    layer_norm_backward(w->layer[at->layers].x, params + at->final_gain, w->mean, w->rstd, w->dy, w->dx,
                        grads + at->final_gain, grads + at->final_gain + d, w->rows, d);
    for (size_t l = at->layers; l-- > 0;)
        backward_block(w, params, grads, l);
    for (size_t r = 0; r < w->rows; r++) {
        axpy(1, w->dx + r * d, grads + (size_t)tokens[r] * d, d);
        axpy(1, w->dx + r * d, grads + (at->v + r % at->t) * d, d);
    }
}

/* ---- the parts of a step ---- */

static float rate(const struct train_schedule *s, int32_t step)
{
    const int32_t span = s->decay_steps - s->warmup > 1 ? s->decay_steps - s->warmup : 1;

    if (step < s->warmup)
        return s->lr_peak * (float)((step + 1) / s->warmup);
    const float p = fminf(1, (float)(step - s->warmup) / (float)span);
    return s->lr_min + 0.5f * (s->lr_peak - s->lr_min) * (1 + cosf(3.14159265f * p));
}

int train_lr(const struct train_schedule *schedule, int32_t n, const int32_t *step, float *lr)
{
    for (int32_t i = 0; i < n; i++)
        lr[i] = rate(schedule, step[i]);
    return 0;
}

static int64_t divisor(int64_t a, int64_t b)
{
    return b == 0 ? a : divisor(b, a % b);
}

static int64_t stride_of(int64_t windows)
{
    if (windows < 3)
        return 1;
    int64_t stride = (618 * windows + 999) / 1000;
    if (stride % 2 == 0)
        stride++;
    while (divisor(windows, stride) != 1)
        stride += 2;
    return stride;
}

int train_batch(int32_t shards, int32_t tokens, int32_t time, int32_t batch, int32_t shard, int32_t step,
                const uint8_t *corpus, int32_t *x, int32_t *y)
{
    const int64_t windows = (tokens - 1) / time, stride = stride_of(windows);
    const uint8_t *text = corpus + (int64_t)shard * tokens;

    (void)shards;
    for (int64_t k = 0; k < batch; k++) {
        const int64_t sample = (int64_t)step * batch + k, pass = sample / windows;
        const uint8_t *window = text + sample * stride % windows * time;
        for (int64_t t = 0; t < time; t++) {
            x[k * time + t] = window[t];
            y[k * time + t] = window[t + 1 + pass];
        }
    }
    return 0;
}

int train_loss(int32_t rows, int32_t vocab, const float *logits, const int32_t *target, float *loss, float *dlogits)
{
    double sum = 0;

    for (int32_t r = 0; r < rows; r++) {
        const float *row = logits + (int64_t)r * vocab;
        float *drow = dlogits + (int64_t)r * vocab, most = row[0], z = 0;
        for (int32_t v = 1; v < vocab; v++)
            most = fmaxf(most, row[v]);
        for (int32_t v = 0; v < vocab; v++)
            z += drow[v] = expf(row[v] - most);
        for (int32_t v = 0; v < vocab; v++)
            drow[v] = (drow[v] / z - (v == target[r] ? 1.0f : 0.0f)) / (float)rows;
        sum += logf(z) - (row[target[r]] - most);
    }
    loss[0] = (float)(sum / rows);
    return 0;
}

static void gradient(struct work *w, const float *params, const int32_t *x, const int32_t *y, float *loss, float *grads)
{
    forward(w, params, x);
    train_loss((int32_t)w->rows, (int32_t)w->at.v, w->logits, y, loss, w->dlogits);
    backward(w, params, x, grads);
}

int train_grad(const struct train_model *model, int32_t batch, const float *params, const int32_t *x, const int32_t *y,
               float *loss, float *grads)
{
    struct work w;
    const int failed = work_init(&w, model, (size_t)batch);

    if (!failed)
        gradient(&w, params, x, y, loss, grads);
    work_release(&w);
    return failed;
}

int train_clip(int32_t n, float clip, float *grads, float *norm)
{
    double squares = 0;

    for (int32_t i = 0; i < n; i++)
        squares += (double)grads[i] * grads[i];
    norm[0] = (float)sqrt(squares);
    if (norm[0] > clip)
        for (int32_t i = 0; i < n; i++)
            grads[i] *= (float)(clip / sqrt(squares));
    return 0;
}

static void adamw_part(const struct train_adam *a, float lr, int32_t updates, float decay, size_t n, const float *g,
                       float *w, float *m, float *v)
{
    const float m_left = (float)(1 - pow(a->beta1, updates)), v_left = (float)(1 - pow(a->beta2, updates));

    for (size_t i = 0; i < n; i++) {
        m[i] = a->beta1 * m[i] + (1 - a->beta1) * g[i];
        v[i] = a->beta2 * v[i] + (1 - a->beta2) * g[i] * g[i];
        w[i] -= lr * ((m[i] / m_left) / sqrtf(v[i] / v_left + a->eps) + decay * w[i]);
    }
}

int train_adamw(const struct train_model *model, const struct train_adam *adam, float lr, int32_t updates,
                const float *grads, float *params, float *m, float *v)
{
    const struct layout at = layout_of(model);
    const float decay = adam->weight_decay;
    size_t o = 0, n = (at.v + at.t) * at.d;

    adamw_part(adam, lr, updates, decay, n, grads, params, m, v);
    o = n;
    for (size_t l = 0; l < at.layers; l++)
        for (size_t i = 0; i < BLOCK_TENSORS; i++, o += n) {
            const int matrix = i == QKV_W || i == PROJ_W || i == FC_W || i == OUT_W;
            n = at.size[i];
            adamw_part(adam, lr, updates, matrix ? decay : 0, n, grads + o, params + o, m + o, v + o);
        }
    adamw_part(adam, lr, updates, 0, 2 * at.d, grads + o, params + o, m + o, v + o);
    o += 2 * at.d;
    adamw_part(adam, lr, updates, decay, at.count - o, grads + o, params + o, m + o, v + o);
    return 0;
}

int train_reduce(int32_t attempts, int32_t shards, int32_t n, const float *deliveries, const int64_t *sent_crc,
                 float *mean, int32_t *accepted)
{
    int32_t intact = 0;

    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int32_t s = 0; s < shards; s++) {
        accepted[s] = -1;
        for (int32_t a = 0; a < attempts && accepted[s] < 0; a++) {
            const float *bucket = deliveries + ((int64_t)a * shards + s) * n;
            if (a == 0 && train_crc32(bucket, 4 * (int64_t)n) != sent_crc[s])
                continue;
            accepted[s] = a;
            intact++;
            axpy(1, bucket, mean, (size_t)n);
        }
    }
    for (int32_t i = 0; i < n && intact > 0; i++)
        mean[i] /= (float)intact;
    return 0;
}

/* ---- the run ---- */

struct run {
    const struct train_model *model;
    const struct train_setup *setup;
    const int32_t *damage;
    struct work w, probe;
    float *grads, *received, *mean; /* one shard's, on arrival, and the mean */
    int32_t *x, *y, updates, good;
    float loss_scale;
};

/* Sends every bucket of one shard, again if it arrived damaged, and adds it to the mean. */
static void transport(struct run *run, int32_t step, int32_t shard)
{
    const struct train_setup *c = run->setup;

    for (int32_t b = 0; b < train_buckets(run->model); b++) {
        const int64_t begin = train_bucket_begin(run->model, b), n = train_bucket_begin(run->model, b + 1) - begin;
        const float *sent = run->grads + begin;
        const uint32_t crc = train_crc32(sent, 4 * n);
        train_wire(c->damages, run->damage, step, shard, b, 0, n, sent, run->received);
        if (train_crc32(run->received, 4 * n) != crc)
            train_wire(c->damages, run->damage, step, shard, b, 1, n, sent, run->received);
        axpy(1 / (float)c->shards, run->received, run->mean + begin, (size_t)n);
    }
}

/* Loss and gradient of all shards; the mean gradient arrives in run->mean. */
static void reduced_gradient(struct run *run, const uint8_t *corpus, const float *params, int32_t step, float *loss,
                             float *shard_loss)
{
    const struct train_setup *c = run->setup;
    const size_t n = run->w.at.count;

    memset(run->mean, 0, n * sizeof *run->mean);
    loss[0] = 0;
    for (int32_t s = 0; s < c->shards; s++) {
        train_batch(c->shards, c->tokens, run->model->time, c->batch, s, step, corpus, run->x, run->y);
        gradient(&run->w, params, run->x, run->y, &shard_loss[s], run->grads);
        loss[0] += shard_loss[s] / (float)c->shards;
        for (size_t i = 0; i < n && run->loss_scale > 0; i++)
            run->grads[i] = (float)(_Float16)(run->grads[i] * run->loss_scale);
        transport(run, step, s);
    }
}

static const float scale_growth = 2, scale_backoff = 0.5f;

/* Takes the loss scale out of the mean and moves it on. Returns whether the gradient can be used. */
static int unscale(struct run *run)
{
    int finite = 1;

    if (!(run->setup->loss_scale > 0))
        return 1;
    for (size_t i = 0; i < run->w.at.count; i++) {
        run->mean[i] /= run->loss_scale;
        finite = finite && isfinite(run->mean[i]);
    }
    run->good = finite ? run->good + 1 : 0;
    if (!finite) {
        run->loss_scale /= scale_backoff;
    } else if (run->good == run->setup->scale_growth_interval) {
        run->loss_scale *= scale_growth;
        run->good = 0;
    }
    return finite;
}

static int run_init(struct run *run)
{
    const struct train_setup *c = run->setup;

    if (work_init(&run->w, run->model, (size_t)c->batch) != 0 || work_init(&run->probe, run->model, 1) != 0)
        return -1;
    const size_t n = run->w.at.count;
    run->grads = malloc(3 * n * sizeof *run->grads);
    run->x = malloc(2 * (run->w.rows + 1) * sizeof *run->x);
    if (run->grads == NULL || run->x == NULL)
        return -1;
    run->received = run->grads + n;
    run->mean = run->grads + 2 * n;
    run->y = run->x + run->w.rows;
    memset(run->received, 0, n * sizeof *run->received);
    return 0;
}

static void run_release(struct run *run)
{
    work_release(&run->w);
    work_release(&run->probe);
    free(run->grads);
    free(run->x);
}

int train_run(const struct train_model *model, const struct train_schedule *schedule, const struct train_adam *adam,
              const struct train_setup *setup, const uint8_t *corpus, const int32_t *damage,
              const int32_t *snapshot_step, float *params, float *m, float *v, float *loss, float *shard_loss,
              float *snapshot, float *probe_logits)
{
    struct run run = {.model = model, .setup = setup, .damage = damage, .updates = setup->start_step,
                      .loss_scale = setup->loss_scale};
    const int failed = run_init(&run);

    for (int32_t i = 0; i <= setup->steps && !failed; i++) {
        const int32_t step = setup->start_step + i;
        const size_t n = run.w.at.count, logits = run.w.at.t * run.w.at.v;
        float norm;
        for (int32_t k = 0; k < setup->snapshots; k++)
            if (snapshot_step[k] == i) {
                memcpy(snapshot + (size_t)k * n, params, n * sizeof *params);
                for (int32_t t = 0; t < model->time; t++)
                    run.x[t] = corpus[t];
                forward(&run.probe, params, run.x);
                memcpy(probe_logits + (size_t)k * logits, run.probe.logits, logits * sizeof *probe_logits);
            }
        if (i == setup->steps)
            break;
        reduced_gradient(&run, corpus, params, step, &loss[i], shard_loss + (int64_t)i * setup->shards);
        if (!unscale(&run))
            continue;
        train_clip((int32_t)n, setup->clip, run.mean, &norm);
        train_adamw(model, adam, rate(schedule, step), ++run.updates, run.mean, params, m, v);
    }
    run_release(&run);
    return failed;
}

/* Nobody has looked yet. */
int incident_report(int32_t incidents, int32_t *cause, int32_t *first_step, int32_t *shard)
{
    for (int32_t i = 0; i < incidents; i++) {
        cause[i] = TRAIN_CAUSE_NONE;
        first_step[i] = 0;
        shard[i] = -1;
    }
    return 0;
}
