// harness: resume-bitwise
// The trainer works. The two functions that write and read a checkpoint, which come first, do not.
#include "resume-bitwise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All that a run carries from one micro-step to the next. */
struct state {
    float *params, *m, *v; /* [N] */
    float *g;              /* [N], the gradients of the open step */
    int32_t *order;        /* [windows], of this epoch */
    int64_t micro, steps, updates, epoch, position, good;
    int32_t scale_log2;
    struct resume_random shuffle, dropout;
};

static int state_open(const struct resume_config *p, struct state *s) {
    const size_t n = (size_t)resume_parameters(p), windows = (size_t)resume_windows(p);

    *s = (struct state){.params = calloc(4 * n, sizeof(float)), .order = calloc(windows, sizeof(int32_t))};
    if (s->params == NULL || s->order == NULL)
        return -1;
    s->m = s->params + n;
    s->v = s->m + n;
    s->g = s->v + n;
    return 0;
}

static void state_close(struct state *s) {
    free(s->params);
    free(s->order);
}

static void state_start(const struct resume_config *p, const float *initial, struct state *s) {
    const int64_t n = resume_parameters(p), windows = resume_windows(p);

    memcpy(s->params, initial, (size_t)n * sizeof(float));
    memset(s->m, 0, 3 * (size_t)n * sizeof(float));
    for (int64_t w = 0; w < windows; w++)
        s->order[w] = (int32_t)w;
    s->micro = s->steps = s->updates = s->epoch = s->good = 0;
    s->position = windows;
    s->scale_log2 = p->scale_log2;
    s->shuffle = resume_random_start(2 * (uint64_t)p->seed);
    s->dropout = resume_random_start(2 * (uint64_t)p->seed + 1);
}

/* ---- the checkpoint: the broken part ----
 *
 * From the first week, when there was no Adam, no dropout and one epoch. */

/* Writes the checkpoint and returns its bytes. */
static int64_t checkpoint_save(const struct resume_config *p, const struct state *s, uint8_t *out) {
    const int64_t counter[2] = {s->micro, s->steps};
    const size_t bytes = (size_t)resume_parameters(p) * sizeof(float);

    memcpy(out, counter, sizeof counter);
    memcpy(out + sizeof counter, s->params, bytes);
    memcpy(out + sizeof counter + bytes, s->m, bytes);
    return (int64_t)(sizeof counter + 2 * bytes);
}

/* Returns 0 and the state that was saved; or -1 and *s as it was. */
static int checkpoint_load(const struct resume_config *p, const uint8_t *in, int64_t bytes, struct state *s) {
    int64_t counter[2];
    const size_t vector = (size_t)resume_parameters(p) * sizeof(float);

    if (bytes < (int64_t)sizeof counter)
        return -1;
    memcpy(counter, in, sizeof counter);
    s->micro = counter[0];
    s->steps = counter[1];
    memcpy(s->params, in + sizeof counter, vector);
    memcpy(s->m, in + sizeof counter + vector, vector);
    return 0;
}

/* ---- the data ---- */

static void shuffle(struct state *s, int64_t windows) {
    for (int64_t i = windows - 1; i > 0; i--) {
        const uint64_t high = resume_random_next(&s->shuffle), low = resume_random_next(&s->shuffle);
        const int64_t j = (int64_t)((high << 16 | low) * (uint64_t)(i + 1) >> 32);
        const int32_t kept = s->order[i];
        s->order[i] = s->order[j];
        s->order[j] = kept;
    }
}

static int32_t next_window(const struct resume_config *p, struct state *s) {
    if (s->position == resume_windows(p)) {
        shuffle(s, resume_windows(p));
        s->epoch++;
        s->position = 0;
    }
    return s->order[s->position++];
}

/* ---- the model ---- */

/* Where the tensors begin in the flat vector. */
struct layout {
    int64_t vocab, width, inputs, hidden, w1, b1, w2, b2, count;
};

static struct layout layout_of(const struct resume_config *p) {
    struct layout at = {.vocab = p->vocab, .width = p->width, .inputs = p->context * p->width, .hidden = p->hidden};

    at.w1 = at.vocab * at.width;
    at.b1 = at.w1 + at.inputs * at.hidden;
    at.w2 = at.b1 + at.hidden;
    at.b2 = at.w2 + at.hidden * at.vocab;
    at.count = at.b2 + at.vocab;
    return at;
}

struct work {
    struct layout at;
    int32_t *window; /* [batch] */
    float *keep;     /* [batch][hidden], the dropout's factors */
    float *grads;    /* [N], of one shard */
    float *x, *pre, *h, *dh, *logits;
};

static int work_open(const struct resume_config *p, struct work *w) {
    const struct layout at = layout_of(p);
    const size_t batch = (size_t)p->batch;
    const int64_t floats = p->batch * at.hidden + at.count + at.inputs + 3 * at.hidden + at.vocab;

    *w = (struct work){.at = at,
                       .window = calloc(batch, sizeof(int32_t)),
                       .keep = calloc((size_t)floats, sizeof(float))};
    if (w->window == NULL || w->keep == NULL)
        return -1;
    w->grads = w->keep + p->batch * at.hidden;
    w->x = w->grads + at.count;
    w->pre = w->x + at.inputs;
    w->h = w->pre + at.hidden;
    w->dh = w->h + at.hidden;
    w->logits = w->dh + at.hidden;
    return 0;
}

static void work_close(struct work *w) {
    free(w->window);
    free(w->keep);
}

/* gelu(x) = x*(1+tanh(u))/2, u = sqrt(2/pi)*(x + 0.044715*x^3) */
static float gelu(float x) {
    return 0.5f * x * (1 + tanhf(0.797884561f * (x + 0.044715f * x * x * x)));
}

static float gelu_slope(float x) {
    const float t = tanhf(0.797884561f * (x + 0.044715f * x * x * x));
    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.797884561f * (1 + 3 * 0.044715f * x * x);
}

/* y += x W for x[rows], W[rows][cols] */
static void add_product(int64_t rows, int64_t cols, const float *x, const float *w, float *y) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            y[j] += x[i] * w[i * cols + j];
}

/* The way back: dW += x dy^T, dx = W dy */
static void product_backward(int64_t rows, int64_t cols, const float *x, const float *w, const float *dy, float *dx,
                             float *dw) {
    for (int64_t i = 0; i < rows; i++) {
        float sum = 0;
        for (int64_t j = 0; j < cols; j++) {
            dw[i * cols + j] += x[i] * dy[j];
            sum += w[i * cols + j] * dy[j];
        }
        dx[i] = sum;
    }
}

/* Returns the loss and leaves its gradient, times `factor`, in logits[n]. */
static float softmax_loss(int64_t n, int32_t target, float factor, float *logits) {
    float most = logits[0], sum = 0;

    for (int64_t i = 1; i < n; i++)
        most = fmaxf(most, logits[i]);
    const float score = logits[target] - most;
    for (int64_t i = 0; i < n; i++)
        sum += logits[i] = expf(logits[i] - most);
    for (int64_t i = 0; i < n; i++)
        logits[i] *= factor / sum;
    logits[target] -= factor;
    return logf(sum) - score;
}

/* One sample: returns its loss and adds factor times its gradient to w->grads. */
static float sample_gradient(struct work *w, const float *params, const uint8_t *text, int64_t context,
                             const float *keep, float factor) {
    const struct layout *at = &w->at;

    for (int64_t c = 0; c < context; c++)
        memcpy(w->x + c * at->width, params + text[c] * at->width, (size_t)at->width * sizeof(float));
    memcpy(w->pre, params + at->b1, (size_t)at->hidden * sizeof(float));
    add_product(at->inputs, at->hidden, w->x, params + at->w1, w->pre);
    for (int64_t j = 0; j < at->hidden; j++)
        w->h[j] = keep[j] * gelu(w->pre[j]);
    memcpy(w->logits, params + at->b2, (size_t)at->vocab * sizeof(float));
    add_product(at->hidden, at->vocab, w->h, params + at->w2, w->logits);
    const float loss = softmax_loss(at->vocab, text[context], factor, w->logits);

    for (int64_t i = 0; i < at->vocab; i++)
        w->grads[at->b2 + i] += w->logits[i];
    product_backward(at->hidden, at->vocab, w->h, params + at->w2, w->logits, w->dh, w->grads + at->w2);
    for (int64_t j = 0; j < at->hidden; j++) {
        w->dh[j] *= keep[j] * gelu_slope(w->pre[j]);
        w->grads[at->b1 + j] += w->dh[j];
    }
    product_backward(at->inputs, at->hidden, w->x, params + at->w1, w->dh, w->x, w->grads + at->w1);
    for (int64_t i = 0; i < at->inputs; i++)
        w->grads[text[i / at->width] * at->width + i % at->width] += w->x[i];
    return loss;
}

/* ---- the step ---- */

/* The loss of one micro-step; its gradient is added to s->g. */
static float micro_gradient(const struct resume_config *p, const uint8_t *corpus, struct work *w, struct state *s) {
    const int32_t share = p->batch / p->shards;
    const float kept = 65536.0f / (float)(65536 - p->drop16), scale = p->fp16 ? ldexpf(1, s->scale_log2) : 1;
    double loss = 0;

    for (int32_t k = 0; k < p->batch; k++)
        w->window[k] = next_window(p, s);
    for (int64_t i = 0; i < p->batch * w->at.hidden; i++)
        w->keep[i] = resume_random_next(&s->dropout) >= (uint32_t)p->drop16 ? kept : 0;
    for (int32_t shard = 0; shard < p->shards; shard++) {
        memset(w->grads, 0, (size_t)w->at.count * sizeof(float));
        for (int32_t k = shard * share; k < (shard + 1) * share; k++)
            loss += (double)sample_gradient(w, s->params, corpus + (int64_t)w->window[k] * p->context, p->context,
                                            w->keep + k * w->at.hidden, 1 / (float)share);
        for (int64_t i = 0; i < w->at.count; i++) {
            const float sent = p->fp16 ? (float)(_Float16)(w->grads[i] * scale) : w->grads[i];
            s->g[i] += sent / (float)p->shards;
        }
    }
    return (float)(loss / p->batch);
}

static float rate(const struct resume_config *p, int64_t step) {
    const float span = (float)(p->decay_steps - p->warmup > 1 ? p->decay_steps - p->warmup : 1);

    if (step < p->warmup)
        return p->lr_peak * (float)(step + 1) / (float)p->warmup;
    const float x = fminf(1, (float)(step - p->warmup) / span);
    return p->lr_min + 0.5f * (p->lr_peak - p->lr_min) * (1 + cosf(3.14159265f * x));
}

/* Takes the loss scale out of g and moves it on. Returns whether g can be used. */
static int unscale(const struct resume_config *p, int64_t n, struct state *s) {
    const float factor = (p->fp16 ? ldexpf(1, -s->scale_log2) : 1) / (float)p->accumulate;
    int finite = 1;

    for (int64_t i = 0; i < n; i++) {
        s->g[i] *= factor;
        finite = finite && isfinite(s->g[i]);
    }
    if (!p->fp16)
        return 1;
    s->good = finite ? s->good + 1 : 0;
    if (!finite) {
        s->scale_log2--;
    } else if (s->good == p->growth_interval) {
        s->scale_log2++;
        s->good = 0;
    }
    return finite;
}

static void update(const struct resume_config *p, const struct layout *at, struct state *s) {
    double squares = 0;

    for (int64_t i = 0; i < at->count; i++)
        squares += (double)s->g[i] * (double)s->g[i];
    const float shrink = sqrt(squares) > (double)p->clip ? (float)((double)p->clip / sqrt(squares)) : 1;
    const float lr = rate(p, s->steps);
    s->updates++;
    const float m_left = (float)(1 - pow(0.9, (double)s->updates));
    const float v_left = (float)(1 - pow((double)p->beta2, (double)s->updates));
    for (int64_t i = 0; i < at->count; i++) {
        const int bias = (i >= at->b1 && i < at->w2) || i >= at->b2;
        const float g = s->g[i] * shrink, decay = bias ? 0 : p->weight_decay;
        s->m[i] = 0.9f * s->m[i] + 0.1f * g;
        s->v[i] = p->beta2 * s->v[i] + (1 - p->beta2) * g * g;
        s->params[i] -= lr * (s->m[i] / m_left / (sqrtf(s->v[i] / v_left) + 1e-5f) + decay * s->params[i]);
    }
}

static float micro_step(const struct resume_config *p, const uint8_t *corpus, struct work *w, struct state *s) {
    const float loss = micro_gradient(p, corpus, w, s);

    if (++s->micro % p->accumulate != 0)
        return loss;
    if (unscale(p, w->at.count, s))
        update(p, &w->at, s);
    memset(s->g, 0, (size_t)w->at.count * sizeof(float));
    s->steps++;
    return loss;
}

/* ---- the job ---- */

static void count(const struct state *s, int64_t began, int64_t *counters) {
    counters[RESUME_BEGAN] = began;
    counters[RESUME_MICRO] = s->micro;
    counters[RESUME_STEPS] = s->steps;
    counters[RESUME_UPDATES] = s->updates;
    counters[RESUME_EPOCH] = s->epoch;
    counters[RESUME_POSITION] = s->position;
    counters[RESUME_SCALE_LOG2] = s->scale_log2;
    counters[RESUME_GOOD] = s->good;
}

int train_segment(const struct resume_config *p, const uint8_t *corpus, const float *initial,
                  const uint8_t *checkpoint_in, const int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out,
                  int64_t *checkpoint_out_bytes, int32_t *status, int64_t *counters, float *loss, float *params) {
    struct state state;
    struct work work = {0};
    const int failed = state_open(p, &state) != 0 || work_open(p, &work) != 0;

    if (!failed) {
        state_start(p, initial, &state);
        status[0] = RESUME_STARTED;
        if (checkpoint_in_bytes[0] != 0)
            status[0] = checkpoint_load(p, checkpoint_in, checkpoint_in_bytes[0], &state) == 0 ? RESUME_CONTINUED
                                                                                              : RESUME_REFUSED;
        const int64_t began = state.micro;
        for (int32_t i = 0; i < p->micro; i++)
            loss[i] = micro_step(p, corpus, &work, &state);
        memset(checkpoint_out, 0, (size_t)resume_capacity(p));
        checkpoint_out_bytes[0] = checkpoint_save(p, &state, checkpoint_out);
        count(&state, began, counters);
        memcpy(params, state.params, (size_t)work.at.count * sizeof(float));
    }
    work_close(&work);
    state_close(&state);
    return failed;
}
