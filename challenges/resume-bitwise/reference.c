/* SPDX-License-Identifier: MIT */
/* The run from the parts of reference/, with a checkpoint that is the state as it stands in memory behind a header and
 * a hash. Its float64 losses are the truth for everybody's; whether a run goes on bit for bit is a question to the run
 * itself, which measure_train_segment() puts to whatever was handed in. Generators lose and damage checkpoints. */
#include "resume-bitwise.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reference/adamw.h"
#include "reference/clip.h"
#include "reference/gelu.h"
#include "reference/gpt_loss.h"
#include "reference/linear.h"
#include "reference/scaler.h"
#include "reference/schedule.h"

/* ---- state and checkpoint ---- */

/* Without padding: it is written as it is. */
struct counts {
    uint64_t hash; /* of everything behind it */
    uint64_t mark;
    int64_t version, parameters, windows;
    int64_t micro, steps, updates, epoch, position, scale_log2, good;
    uint64_t shuffle_state, shuffle_word, dropout_state, dropout_word;
    int64_t shuffle_left, dropout_left;
};

struct state {
    struct counts at;
    int32_t *order;             /* [windows] */
    real *params, *m, *v, *sum; /* [N], one behind the other */
};

static const uint64_t checkpoint_mark = 0x6573756d65722100u;

static int64_t vector_bytes(const struct resume_config *p) {
    return 4 * resume_parameters(p) * (int64_t)sizeof(real);
}

static int64_t order_bytes(const struct resume_config *p) {
    return resume_windows(p) * (int64_t)sizeof(int32_t);
}

static int64_t checkpoint_bytes(const struct resume_config *p) {
    return (int64_t)sizeof(struct counts) + order_bytes(p) + vector_bytes(p);
}

static uint64_t hash_of(const uint8_t *byte, int64_t n) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (int64_t i = (int64_t)sizeof hash; i < n; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}

static void save(const struct resume_config *p, const struct state *s, uint8_t *out, int64_t *bytes) {
    struct counts head = s->at;
    bytes[0] = checkpoint_bytes(p);
    head.mark = checkpoint_mark;
    head.version = p->version;
    head.parameters = resume_parameters(p);
    head.windows = resume_windows(p);
    memset(out, 0, (size_t)resume_capacity(p));
    memcpy(out, &head, sizeof head);
    memcpy(out + sizeof head, s->order, (size_t)order_bytes(p));
    memcpy(out + sizeof head + order_bytes(p), s->params, (size_t)vector_bytes(p));
    head.hash = hash_of(out, bytes[0]);
    memcpy(out, &head.hash, sizeof head.hash);
}

static bool load(const struct resume_config *p, const uint8_t *in, int64_t bytes, struct state *s) {
    struct counts head;
    memcpy(&head, in, sizeof head);
    if (bytes != checkpoint_bytes(p) || head.hash != hash_of(in, bytes) || head.mark != checkpoint_mark ||
        head.version != p->version || head.parameters != resume_parameters(p) || head.windows != resume_windows(p))
        return false;
    s->at = head;
    memcpy(s->order, in + sizeof head, (size_t)order_bytes(p));
    memcpy(s->params, in + sizeof head + order_bytes(p), (size_t)vector_bytes(p));
    return true;
}

static void start(const struct resume_config *p, const real *initial, struct state *s) {
    const int64_t windows = resume_windows(p);
    s->at = (struct counts){.position = windows,
                            .scale_log2 = p->scale_log2,
                            .shuffle_state = 2 * (uint64_t)p->seed,
                            .dropout_state = 2 * (uint64_t)p->seed + 1};
    memset(s->params, 0, (size_t)vector_bytes(p));
    memcpy(s->params, initial, (size_t)resume_parameters(p) * sizeof *initial);
    for (int64_t w = 0; w < windows; w++)
        s->order[w] = (int32_t)w;
}

/* ---- data ---- */

static uint32_t draw(uint64_t *state, uint64_t *word, int64_t *left) {
    struct resume_random random = {*state, *word, (int32_t)*left};
    const uint32_t bits = resume_random_next(&random);
    *state = random.state;
    *word = random.word;
    *left = random.left;
    return bits;
}

static int32_t next_window(const struct resume_config *p, struct state *s) {
    const int64_t windows = resume_windows(p);
    struct counts *at = &s->at;
    if (at->position == windows) {
        for (int64_t i = windows - 1; i > 0; i--) {
            const uint64_t high = draw(&at->shuffle_state, &at->shuffle_word, &at->shuffle_left);
            const uint64_t low = draw(&at->shuffle_state, &at->shuffle_word, &at->shuffle_left);
            const int64_t j = (int64_t)((high << 16 | low) * (uint64_t)(i + 1) >> 32);
            const int32_t kept = s->order[i];
            s->order[i] = s->order[j];
            s->order[j] = kept;
        }
        at->epoch++;
        at->position = 0;
    }
    return s->order[at->position++];
}

/* ---- a micro-step ---- */

/* Of `rows` samples, one below the other. */
struct batch {
    bool plain;
    size_t rows;
    int32_t *text;   /* [rows][context + 1] */
    int32_t *target; /* [rows] */
    real *keep;      /* [rows][hidden]: the dropout's factors */
    real *x, *pre, *h, *dh, *logits;
    real *grads, *step; /* [N] */
};

static bool batch_open(const struct resume_config *p, bool plain, struct batch *b) {
    const size_t rows = (size_t)p->batch, hidden = (size_t)p->hidden, inputs = (size_t)(p->context * p->width);
    const size_t n = (size_t)resume_parameters(p);
    *b = (struct batch){.plain = plain,
                        .rows = rows,
                        .text = calloc(rows * (size_t)(p->context + 2) + 1, sizeof(int32_t)),
                        .keep = calloc(rows * (inputs + 4 * hidden + (size_t)p->vocab) + 2 * n, sizeof(real))};
    if (b->text == NULL || b->keep == NULL)
        return false;
    b->target = b->text + rows * (size_t)(p->context + 1);
    b->x = b->keep + rows * hidden;
    b->pre = b->x + rows * inputs;
    b->h = b->pre + rows * hidden;
    b->dh = b->h + rows * hidden;
    b->logits = b->dh + rows * hidden;
    b->grads = b->logits + rows * (size_t)p->vocab;
    b->step = b->grads + n;
    return true;
}

static void batch_close(struct batch *b) {
    free(b->text);
    free(b->keep);
}

static void read_batch(const struct resume_config *p, const uint8_t *corpus, struct batch *b, struct state *s) {
    const real kept = (real)(65536.0 / (65536 - p->drop16));
    for (size_t k = 0; k < b->rows; k++) {
        const uint8_t *window = corpus + (int64_t)next_window(p, s) * p->context;
        for (int32_t c = 0; c <= p->context; c++)
            b->text[(int64_t)k * (p->context + 1) + c] = window[c];
        b->target[k] = window[p->context];
    }
    for (size_t i = 0; i < b->rows * (size_t)p->hidden; i++)
        if (draw(&s->at.dropout_state, &s->at.dropout_word, &s->at.dropout_left) >= (uint32_t)p->drop16)
            b->keep[i] = kept;
        else
            b->keep[i] = 0;
}

struct shapes {
    struct linear_shape first, second;
    size_t w1, b1, w2, b2, count; /* places in the flat vector */
};

static struct shapes shapes_of(const struct resume_config *p, size_t rows) {
    const size_t vocab = (size_t)p->vocab, hidden = (size_t)p->hidden, inputs = (size_t)(p->context * p->width);
    struct shapes at = {{rows, inputs, hidden}, {rows, hidden, vocab}, .w1 = vocab * (size_t)p->width};
    at.b1 = at.w1 + inputs * hidden;
    at.w2 = at.b1 + hidden;
    at.b2 = at.w2 + hidden * vocab;
    at.count = at.b2 + vocab;
    return at;
}

/* Samples first .. first+at->first.rows-1: their logits, from embeddings to head. */
static void forward(const struct resume_config *p, const struct shapes *at, const real *params, size_t first,
                    struct batch *b) {
    const size_t width = (size_t)p->width, context = (size_t)p->context, units = at->first.rows * at->first.out;
    for (size_t k = 0; k < at->first.rows; k++)
        for (size_t c = 0; c < context; c++)
            memcpy(b->x + (k * context + c) * width, params + (size_t)b->text[(first + k) * (context + 1) + c] * width,
                   width * sizeof(real));
    (b->plain ? linear_forward_plain : linear_forward)(&at->first, b->x, params + at->w1, params + at->b1, b->pre);
    (b->plain ? gelu_forward_plain : gelu_forward)(units, b->pre, b->h);
    for (size_t i = 0; i < units; i++)
        b->h[i] *= b->keep[first * at->first.out + i];
    (b->plain ? linear_forward_plain : linear_forward)(&at->second, b->h, params + at->w2, params + at->b2, b->logits);
}

/* From the gradient by the logits to b->grads, which is overwritten. */
static void backward(const struct resume_config *p, const struct shapes *at, const real *params, size_t first,
                     struct batch *b) {
    const size_t width = (size_t)p->width, context = (size_t)p->context, units = at->first.rows * at->first.out;
    (b->plain ? linear_backward_plain : linear_backward)(&at->second, b->h, params + at->w2, b->logits, false, b->dh,
                                                         b->grads + at->w2, b->grads + at->b2);
    for (size_t i = 0; i < units; i++)
        b->dh[i] *= b->keep[first * at->first.out + i];
    (b->plain ? gelu_backward_plain : gelu_backward)(units, b->pre, b->dh, b->dh);
    real *dx = calloc(at->first.rows * at->first.in + 1, sizeof *dx);
    (b->plain ? linear_backward_plain : linear_backward)(&at->first, b->x, params + at->w1, b->dh, false, dx,
                                                         b->grads + at->w1, b->grads + at->b1);
    memset(b->grads, 0, at->w1 * sizeof *b->grads);
    for (size_t k = 0; k < at->first.rows; k++)
        for (size_t i = 0; i < at->first.in; i++)
            b->grads[(size_t)b->text[(first + k) * (context + 1) + i / width] * width + i % width] +=
                dx[k * at->first.in + i];
    free(dx);
}

static double micro_gradient(const struct resume_config *p, struct batch *b, struct state *s) {
    const size_t share = b->rows / (size_t)p->shards;
    const struct shapes at = shapes_of(p, share);
    double loss = 0;
    for (size_t first = 0; first < b->rows; first += share) {
        forward(p, &at, s->params, first, b);
        loss += (double)(b->plain ? nll_mean_plain : nll_mean)(share, at.second.out, b->target + first, b->logits);
        backward(p, &at, s->params, first, b);
        if (p->fp16)
            scaler_compress(ldexp(1, (int)s->at.scale_log2), at.count, b->grads);
        for (size_t i = 0; i < at.count; i++)
            s->sum[i] += b->grads[i] / (real)p->shards;
    }
    return loss / p->shards;
}

/* ---- a step ---- */

/* The loss scale goes out of the gradient and moves on. Returns whether the step can be made. */
static bool unscale(const struct resume_config *p, size_t n, struct state *s) {
    const double scale = p->fp16 ? ldexp(1, (int)s->at.scale_log2) : 1;
    struct scaler scaler = {scale, s->at.good, p->growth_interval, 0.5};
    for (size_t i = 0; i < n; i++)
        s->sum[i] *= (real)(1 / scale / p->accumulate);
    if (!p->fp16)
        return true;
    const bool broken = scaler_broken(s->sum, n) != 0;
    scaler_advance(&scaler, broken);
    s->at.scale_log2 = ilogb(scaler.scale);
    s->at.good = scaler.good;
    return !broken;
}

static void complete_step(const struct resume_config *p, struct batch *b, struct state *s) {
    const struct shapes at = shapes_of(p, 0);
    const struct schedule schedule = {p->warmup, p->decay_steps, p->lr_peak, p->lr_min};
    const struct adamw rule = {0.9, p->beta2, 1e-5, p->weight_decay};
    const struct adamw_part part[] = {{0, at.b1, true},
                                      {at.b1, at.w2 - at.b1, false},
                                      {at.w2, at.b2 - at.w2, true},
                                      {at.b2, at.count - at.b2, false}};
    if (unscale(p, at.count, s)) {
        clip_scale(clip_norm(s->sum, at.count), (double)p->clip, at.count, s->sum);
        adamw_update(&rule, ++s->at.updates, schedule_rate(&schedule, s->at.steps), part, 4, s->sum, s->params, s->m,
                     s->v, b->step);
        adamw_apply(at.count, b->step, s->params);
    }
    memset(s->sum, 0, at.count * sizeof *s->sum);
    s->at.steps++;
}

/* ---- the job ---- */

static void count(const struct counts *at, int64_t began, int64_t *counters) {
    counters[RESUME_BEGAN] = began;
    counters[RESUME_MICRO] = at->micro;
    counters[RESUME_STEPS] = at->steps;
    counters[RESUME_UPDATES] = at->updates;
    counters[RESUME_EPOCH] = at->epoch;
    counters[RESUME_POSITION] = at->position;
    counters[RESUME_SCALE_LOG2] = at->scale_log2;
    counters[RESUME_GOOD] = at->good;
}

static int segment(const struct resume_config *p, bool plain, const uint8_t *corpus, const real *initial,
                   const uint8_t *in, int64_t in_bytes, uint8_t *out, int64_t *out_bytes, int32_t *status,
                   int64_t *counters, real *loss, real *params) {
    const size_t n = (size_t)resume_parameters(p);
    struct state s = {.order = calloc((size_t)resume_windows(p), sizeof(int32_t)),
                      .params = calloc(4 * n, sizeof(real))};
    struct batch b = {0};
    const bool ready = s.order != NULL && s.params != NULL && p->batch % p->shards == 0 && batch_open(p, plain, &b);
    if (ready) {
        s.m = s.params + n;
        s.v = s.m + n;
        s.sum = s.v + n;
        start(p, initial, &s);
        status[0] = in_bytes == 0 ? RESUME_STARTED : load(p, in, in_bytes, &s) ? RESUME_CONTINUED : RESUME_REFUSED;
        const int64_t began = s.at.micro;
        for (int32_t i = 0; i < p->micro; i++) {
            read_batch(p, corpus, &b, &s);
            loss[i] = (real)micro_gradient(p, &b, &s);
            if (++s.at.micro % p->accumulate == 0)
                complete_step(p, &b, &s);
        }
        save(p, &s, out, out_bytes);
        count(&s.at, began, counters);
        memcpy(params, s.params, n * sizeof *params);
    }
    batch_close(&b);
    free(s.order);
    free(s.params);
    return ready ? 0 : -1;
}

int reference_train_segment(const struct resume_config *p, const uint8_t *corpus, const real *initial,
                            const uint8_t *checkpoint_in, const int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out,
                            int64_t *checkpoint_out_bytes, int32_t *status, int64_t *counters, real *loss, real *params,
                            const int32_t *script) {
    (void)script;
    return segment(p, false, corpus, initial, checkpoint_in, checkpoint_in_bytes[0], checkpoint_out,
                   checkpoint_out_bytes, status, counters, loss, params);
}

int plain_train_segment(const struct resume_config *p, const uint8_t *corpus, const real *initial,
                        const uint8_t *checkpoint_in, const int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out,
                        int64_t *checkpoint_out_bytes, int32_t *status, int64_t *counters, real *loss, real *params,
                        const int32_t *script) {
    (void)script;
    return segment(p, true, corpus, initial, checkpoint_in, checkpoint_in_bytes[0], checkpoint_out,
                   checkpoint_out_bytes, status, counters, loss, params);
}

/* ---- measures ---- */

/* What the stages of a case say of the run; all of it is somebody's claim. */
struct claims {
    const struct resume_config *p;
    const int64_t *counters, *bytes;
    const uint8_t *checkpoint;
    const real *loss, *params;
};

/* The micro-steps [*from, *to) that stage k trained. */
static void span_of(const struct claims *c, int32_t k, int64_t *from, int64_t *to) {
    const int64_t *counters = c->counters + (int64_t)k * RESUME_COUNTERS;
    *from = counters[RESUME_BEGAN];
    *to = counters[RESUME_MICRO];
    if (*from < 0 || *to < *from || *to > INT32_MAX || *to - *from > c->p->micro)
        *from = *to = -1;
}

/* The loss of micro-step `micro` in stage k, or NULL if that did not train it. */
static const real *loss_at(const struct claims *c, int32_t k, int64_t micro) {
    int64_t from, to;
    span_of(c, k, &from, &to);
    return micro >= from && micro < to ? c->loss + (int64_t)k * c->p->micro + (micro - from) : NULL;
}

static const real *first_loss(const struct claims *c, int32_t stages, int64_t micro) {
    const real *loss = NULL;
    for (int32_t k = 0; k < stages && loss == NULL; k++)
        loss = loss_at(c, k, micro);
    return loss;
}

/* The first stage before k that ended at the same micro-step, or -1. */
static int32_t twin_of(const struct claims *c, int32_t k) {
    int64_t from, to, other, end;
    span_of(c, k, &from, &to);
    for (int32_t j = 0; j < k && to >= 0; j++) {
        span_of(c, j, &other, &end);
        if (end == to)
            return j;
    }
    return -1;
}

/* float32 numbers are here as doubles, one to one: other bits, other bits. */
static double differing(const real *a, const real *b, int64_t n) {
    double count = 0;
    for (int64_t i = 0; i < n; i++)
        count += memcmp(a + i, b + i, sizeof *a) != 0;
    return count;
}

static double differing_bytes(const struct claims *c, int32_t j, int32_t k) {
    const int64_t capacity = resume_capacity(c->p);
    const uint8_t *a = c->checkpoint + j * capacity, *b = c->checkpoint + k * capacity;
    double count = c->bytes[j] != c->bytes[k];
    for (int64_t i = 0; i < capacity; i++)
        count += a[i] != b[i];
    return count;
}

/* Bytes that are not 0 behind what a checkpoint says it has; its first one, if it says nonsense. */
static double bytes_behind(const struct claims *c, int32_t k) {
    const int64_t capacity = resume_capacity(c->p), bytes = c->bytes[k];
    if (bytes <= 0 || bytes > capacity)
        return 1;
    double count = 0;
    for (int64_t i = bytes; i < capacity; i++)
        count += c->checkpoint[k * capacity + i] != 0;
    return count;
}

enum { VIEWS = 16 };

/* The mean of the parameters under random signs, in several ways. Every parameter counts in all of them, and none is
 * lost in the noise of one: where a gradient nearly vanishes, or is rounded to binary16 the other way, Adam turns the
 * last bit of it into a step that one parameter makes and another run's does not. */
static void look_at(const real *params, int64_t n, double *view) {
    for (int k = 0; k < VIEWS; k++)
        view[k] = 0;
    struct resume_random random = resume_random_start(16);
    for (int64_t i = 0; i < n; i++) {
        const uint32_t signs = resume_random_next(&random);
        for (int k = 0; k < VIEWS; k++)
            view[k] += (double)(signs >> k & 1 ? params[i] : -params[i]) / (double)n;
    }
}

/* The script says what happens to the checkpoint of each attempt. The first attempt has none to lose, so its number
 * says whether bytes are compared: where every byte counts, each case would ask for all of the state. */
enum { COMPARE_BYTES = 1 };

/* Stages that came to the same micro-step, or past it, on different ways have to agree. */
int measure_train_segment(const struct resume_config *p, const uint8_t *corpus, const real *initial,
                          const uint8_t *checkpoint_in, const int64_t *checkpoint_in_bytes,
                          const uint8_t *checkpoint_out, const int64_t *checkpoint_out_bytes, const int32_t *status,
                          const int64_t *counters, const real *loss, const real *params, const int32_t *script,
                          double *losses_that_differ, double *params_that_differ, double *bytes_that_differ,
                          double *params_seen, double *run_loss) {
    const struct claims c = {p, counters, checkpoint_out_bytes, checkpoint_out, loss, params};
    const int64_t n = resume_parameters(p);
    (void)corpus, (void)initial, (void)checkpoint_in, (void)checkpoint_in_bytes, (void)status;
    losses_that_differ[0] = params_that_differ[0] = bytes_that_differ[0] = 0;
    for (int32_t k = 0; k < p->stages; k++) {
        int64_t from, to;
        span_of(&c, k, &from, &to);
        for (int64_t i = from; i < to; i++)
            losses_that_differ[0] += differing(first_loss(&c, k + 1, i), loss_at(&c, k, i), 1);
        const int32_t twin = twin_of(&c, k);
        look_at(params + k * n, n, params_seen + (int64_t)k * VIEWS);
        if (twin >= 0)
            params_that_differ[0] += differing(params + twin * n, params + k * n, n);
        if (script[0] != COMPARE_BYTES)
            continue;
        bytes_that_differ[0] += bytes_behind(&c, k) + (twin >= 0 ? differing_bytes(&c, twin, k) : 0);
    }
    for (int64_t i = 0; i < p->micro; i++) {
        const real *first = first_loss(&c, p->stages, i);
        run_loss[i] = first != NULL ? (double)*first : 0;
    }
    return 0;
}

/* ---- accidents ---- */

/* The files are gone. */
int generate_lost(const struct resume_config *p, uint8_t *corpus, real *initial, uint8_t *checkpoint_in,
                  int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out, int64_t *checkpoint_out_bytes, int32_t *status,
                  int64_t *counters, real *loss, real *params, int32_t *script) {
    (void)corpus, (void)initial, (void)checkpoint_out, (void)checkpoint_out_bytes, (void)status, (void)counters;
    (void)loss, (void)params, (void)script;
    memset(checkpoint_in, 0, (size_t)resume_capacity(p));
    checkpoint_in_bytes[0] = 0;
    return 0;
}

/* The run goes on with another text and from parameters that nobody knows any more. */
int generate_new_text(const struct resume_config *p, uint8_t *corpus, real *initial, uint8_t *checkpoint_in,
                      int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out, int64_t *checkpoint_out_bytes,
                      int32_t *status, int64_t *counters, real *loss, real *params, int32_t *script) {
    (void)checkpoint_in, (void)checkpoint_in_bytes, (void)checkpoint_out, (void)checkpoint_out_bytes, (void)status;
    (void)counters, (void)loss, (void)params, (void)script;
    for (int32_t i = 0; i < p->tokens; i++)
        corpus[i] = (uint8_t)((corpus[i] * 5 + i * 7 + p->attempt) % p->vocab);
    for (int64_t i = 0; i < resume_parameters(p); i++)
        initial[i] = -initial[i];
    return 0;
}

enum accident {
    INTACT,
    BIT,      /* of one byte, anywhere */
    CUT,      /* short by some bytes, which are 0 */
    CUT_ONLY, /* short by one byte to eight, which are still there */
    LONGER,   /* by one byte */
    SWAPPED,  /* two words have changed places */
    BALANCED, /* one byte is 1 more, one is 1 less */
    ZEROED,   /* up to 64 bytes */
    LYING,    /* about how many bytes there are */
    BEHEADED, /* everything stands one byte further in front */
    ACCIDENTS
};

static void swap_words(uint8_t *byte, int64_t a, int64_t b) {
    uint8_t kept[4];
    memcpy(kept, byte + a, 4);
    memcpy(byte + a, byte + b, 4);
    memcpy(byte + b, kept, 4);
}

static int64_t lie(int64_t place, int64_t bytes, int64_t capacity) {
    const int64_t lies[] = {-1, capacity + 1, INT64_MAX, INT64_MIN, bytes + ((int64_t)1 << 32), 1};
    return lies[place % 6];
}

/* One accident at `place` of bytes[0] bytes. It may change nothing if the bytes happen to be alike. */
static void happen(enum accident kind, int64_t place, int64_t capacity, uint8_t *byte, int64_t *bytes) {
    const int64_t n = bytes[0], at = place % n, far = (at + n / 8 * 4) % n; /* as aligned as the other */
    if (kind == CUT || kind == CUT_ONLY)
        bytes[0] = kind == CUT ? 1 + at : n - place % 8 - 1 > 0 ? n - place % 8 - 1 : 1;
    if (kind == CUT)
        memset(byte + bytes[0], 0, (size_t)(capacity - bytes[0]));
    else if (kind == LONGER && n < capacity)
        bytes[0] = n + 1;
    else if (kind == SWAPPED && at + 4 <= n && far + 4 <= n)
        swap_words(byte, at, far);
    else if (kind == BALANCED && byte[at] < 255 && byte[far] > 0)
        byte[at]++, byte[far]--;
    else if (kind == ZEROED)
        memset(byte + at, 0, (size_t)(n - at < 64 ? n - at : 64));
    else if (kind == LYING)
        bytes[0] = lie(place, n, capacity);
    else if (kind == BEHEADED)
        memmove(byte, byte + 1, (size_t)(n - 1));
}

/* script[attempt] says what happens: 0 or more is 10 times a place and an enum accident; -1 flips a bit of byte number
 * attempt, from the front, and -2 from the back. Whatever was to be damaged and came out the same loses a bit. */
int generate_damage(const struct resume_config *p, uint8_t *corpus, real *initial, uint8_t *checkpoint_in,
                    int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out, int64_t *checkpoint_out_bytes,
                    int32_t *status, int64_t *counters, real *loss, real *params, int32_t *script) {
    const int64_t capacity = resume_capacity(p), n = checkpoint_in_bytes[0];
    const int64_t what = script[p->attempt % p->stages], place = what < 0 ? p->attempt : what / ACCIDENTS;
    (void)corpus, (void)initial, (void)checkpoint_out, (void)checkpoint_out_bytes, (void)status, (void)counters;
    (void)loss, (void)params;
    if (n <= 0 || n > capacity || what % ACCIDENTS == INTACT)
        return 0;
    uint8_t *before = malloc((size_t)capacity);
    if (before == NULL)
        return -1;
    memcpy(before, checkpoint_in, (size_t)capacity);
    if (what >= 0)
        happen((enum accident)(what % ACCIDENTS), place, capacity, checkpoint_in, checkpoint_in_bytes);
    if (checkpoint_in_bytes[0] == n && memcmp(before, checkpoint_in, (size_t)n) == 0) {
        const int64_t at = (what == -1 ? place - 1 : what == -2 ? n - place : place) % n;
        checkpoint_in[at < 0 ? 0 : at] ^= (uint8_t)(1 << place % 8);
    }
    free(before);
    return 0;
}
