/* SPDX-License-Identifier: MIT */
/* The training run from the parts of reference/: model, loader, schedule, loss scale, clip and AdamW. The wire needs no
 * reference: whatever it does, what is averaged is what was sent. Generators make the texts, the initial state and the
 * deliveries; measures judge the parameters that were handed in by data and losses which no candidate computes. */
#include "debug-the-loss-spike.h"

#include <stdbool.h>
#include <stdlib.h>

#include "reference/adamw.h"
#include "reference/clip.h"
#include "reference/corpus.h"
#include "reference/gpt.h"
#include "reference/loader.h"
#include "reference/reduce.h"
#include "reference/scaler.h"
#include "reference/schedule.h"
#include "reference/xent.h"

enum { HELD_WINDOWS = 32, TENSORS_MAX = 128 };

static struct gpt_dims dims_of(const struct train_model *model)
{
    return (struct gpt_dims){.vocab = (size_t)model->vocab,
                             .time = (size_t)model->time,
                             .width = (size_t)model->width,
                             .layers = (size_t)model->layers,
                             .heads = (size_t)model->heads,
                             .hidden = (size_t)model->hidden,
                             .tied = model->tied != 0};
}

/* ---- schedule ---- */

static double rate_of(const struct train_schedule *s, int32_t step)
{
    const struct schedule schedule = {s->warmup, s->decay_steps, s->lr_peak, s->lr_min};

    return schedule_rate(&schedule, step);
}

/* In both builds the schedule is evaluated in double, so the gauge alone says what a float32 formula loses: a rounded
 * pi*p moves the cosine by up to pi*p, and the terms of the sum are rounded. */
int reference_train_lr(const struct train_schedule *schedule, int32_t n, const int32_t *step, real *lr, real *gauge_lr)
{
    for (int32_t i = 0; i < n; i++) {
        lr[i] = (real)rate_of(schedule, step[i]);
        if (gauge_lr != NULL)
            gauge_lr[i] = step[i] < schedule->warmup
                              ? lr[i]
                              : (real)(schedule->lr_min + 2 * fabs((double)schedule->lr_peak - schedule->lr_min));
    }
    return 0;
}

int plain_train_lr(const struct train_schedule *schedule, int32_t n, const int32_t *step, real *lr)
{
    for (int32_t i = 0; i < n; i++) {
        const real span = real_fmax(1, (real)(schedule->decay_steps - schedule->warmup));
        const real p = (real)(step[i] - schedule->warmup) / span;
        const real half = (real)0.5 * ((real)schedule->lr_peak - (real)schedule->lr_min);
        if (step[i] < schedule->warmup)
            lr[i] = (real)schedule->lr_peak * (real)(step[i] + 1) / (real)schedule->warmup;
        else
            lr[i] = (real)schedule->lr_min + half * (1 + (real)cos(3.14159265358979323846 * (double)(p < 1 ? p : 1)));
    }
    return 0;
}

/* ---- loader ---- */

static int read_batch(int32_t tokens, int32_t time, int32_t batch, int32_t step, const uint8_t *text, int32_t *x,
                      int32_t *y)
{
    const struct loader loader = loader_make((size_t)tokens, (size_t)time);

    if (loader.windows == 0)
        return -1;
    for (int64_t k = 0; k < batch; k++) {
        const uint64_t window = loader_window(&loader, (uint64_t)((int64_t)step * batch + k));
        loader_read(&loader, text, window, x + k * time, y + k * time);
    }
    return 0;
}

int reference_train_batch(int32_t shards, int32_t tokens, int32_t time, int32_t batch, int32_t shard, int32_t step,
                          const uint8_t *corpus, int32_t *x, int32_t *y)
{
    if (shard < 0 || shard >= shards)
        return -1;
    return read_batch(tokens, time, batch, step, corpus + (int64_t)shard * tokens, x, y);
}

int plain_train_batch(int32_t shards, int32_t tokens, int32_t time, int32_t batch, int32_t shard, int32_t step,
                      const uint8_t *corpus, int32_t *x, int32_t *y)
{
    return reference_train_batch(shards, tokens, time, batch, shard, step, corpus, x, y);
}

/* ---- loss ---- */

static int mean_loss(bool plain, int32_t rows, int32_t vocab, const real *logits, const int32_t *target, real *loss,
                     real *dlogits, real *gauge_loss, real *gauge_dlogits)
{
    const struct xent_shape shape = {(size_t)rows, (size_t)vocab, (size_t)vocab, -1, 0};
    real *row = malloc(2 * ((size_t)rows + 1) * sizeof *row), *gauge = row + rows;

    if (row == NULL)
        return -1;
    (plain ? xent_plain : xent)(&shape, logits, target, row, dlogits);
    loss[0] = 0;
    for (int32_t r = 0; r < rows; r++)
        loss[0] += row[r] / (real)rows;
    if (gauge_loss != NULL || gauge_dlogits != NULL)
        xent_gauge(&shape, logits, target, gauge, gauge_dlogits);
    if (gauge_loss != NULL) {
        gauge_loss[0] = 0;
        for (int32_t r = 0; r < rows; r++)
            gauge_loss[0] += gauge[r] / (real)rows;
    }
    free(row);
    return 0;
}

int reference_train_loss(int32_t rows, int32_t vocab, const real *logits, const int32_t *target, real *loss,
                         real *dlogits, real *gauge_loss, real *gauge_dlogits)
{
    return mean_loss(false, rows, vocab, logits, target, loss, dlogits, gauge_loss, gauge_dlogits);
}

int plain_train_loss(int32_t rows, int32_t vocab, const real *logits, const int32_t *target, real *loss, real *dlogits)
{
    return mean_loss(true, rows, vocab, logits, target, loss, dlogits, NULL, NULL);
}

/* ---- gradient ---- */

static int model_gradient(bool plain, const struct train_model *model, int32_t batch, const real *params,
                          const int32_t *x, const int32_t *y, real *loss, real *grads)
{
    const struct gpt_dims dims = dims_of(model);
    const struct gpt_batch data = {(size_t)batch, dims.time, x, y};
    struct gpt_workspace *w = gpt_workspace_new(&dims, (size_t)batch, plain);

    if (w == NULL)
        return -1;
    gpt_loss_and_gradient(w, params, &data, loss, grads, NULL);
    gpt_workspace_free(w);
    return 0;
}

int reference_train_grad(const struct train_model *model, int32_t batch, const real *params, const int32_t *x,
                         const int32_t *y, real *loss, real *grads)
{
    return model_gradient(false, model, batch, params, x, y, loss, grads);
}

int plain_train_grad(const struct train_model *model, int32_t batch, const real *params, const int32_t *x,
                     const int32_t *y, real *loss, real *grads)
{
    return model_gradient(true, model, batch, params, x, y, loss, grads);
}

/* The loss at parameters that are moved by what grads holds. */
real objective_train_grad(const struct train_model *model, int32_t batch, const real *params, const int32_t *x,
                          const int32_t *y, real *loss, const real *grads)
{
    const struct gpt_dims dims = dims_of(model);
    const struct gpt_batch data = {(size_t)batch, dims.time, x, y};
    const size_t n = gpt_parameter_count(&dims);
    struct gpt_workspace *w = gpt_workspace_new(&dims, (size_t)batch, false);
    real *moved = malloc(n * sizeof *moved), at_moved = NAN;

    (void)loss;
    if (w != NULL && moved != NULL) {
        for (size_t i = 0; i < n; i++)
            moved[i] = params[i] + grads[i];
        at_moved = gpt_loss(w, moved, &data);
    }
    gpt_workspace_free(w);
    free(moved);
    return at_moved;
}

/* The distance of one tensor's gradient from the right one, relative to the latter's length. */
static double distance(const real *got, const real *right, size_t n)
{
    double error = 0, length = 0;

    for (size_t i = 0; i < n; i++) {
        error += ((double)got[i] - (double)right[i]) * ((double)got[i] - (double)right[i]);
        length += (double)right[i] * (double)right[i];
    }
    return sqrt(error) / (length > 0 ? sqrt(length) : 1);
}

/* In one norm over all parameters the embeddings would hide a gain; so each tensor has a share of its own. */
int measure_train_grad(const struct train_model *model, int32_t batch, const real *params, const int32_t *x,
                       const int32_t *y, const real *loss, const real *grads, double *tensor_error)
{
    const struct gpt_dims dims = dims_of(model);
    real right_loss, *right = malloc((gpt_parameter_count(&dims) + 1) * sizeof *right);

    (void)loss;
    if (right == NULL || model_gradient(false, model, batch, params, x, y, &right_loss, right) != 0) {
        free(right);
        return -1;
    }
    for (size_t i = 0; i < gpt_tensor_count(&dims); i++) {
        const struct gpt_tensor tensor = gpt_tensor_at(&dims, i);
        tensor_error[i] = distance(grads + tensor.offset, right + tensor.offset, tensor.rows * tensor.cols);
    }
    free(right);
    return 0;
}

/* ---- clip ---- */

int reference_train_clip(int32_t n, float clip, real *grads, real *norm, real *gauge_grads, real *gauge_norm)
{
    norm[0] = (real)clip_norm(grads, (size_t)n);
    clip_scale((double)norm[0], clip, (size_t)n, grads);
    for (int32_t i = 0; i < n && gauge_grads != NULL; i++)
        gauge_grads[i] = 2 * real_fabs(grads[i]);
    if (gauge_norm != NULL)
        gauge_norm[0] = norm[0];
    return 0;
}

/* Scaled by the largest element, so that float32 squares stay in range. */
int plain_train_clip(int32_t n, float clip, real *grads, real *norm)
{
    real most = 0, squares = 0;

    for (int32_t i = 0; i < n; i++)
        most = real_fmax(most, real_fabs(grads[i]));
    for (int32_t i = 0; i < n && most > 0; i++)
        squares += (grads[i] / most) * (grads[i] / most);
    norm[0] = most * real_sqrt(squares);
    for (int32_t i = 0; i < n && norm[0] > (real)clip; i++)
        grads[i] = grads[i] * ((real)clip / norm[0]);
    return 0;
}

/* ---- AdamW ---- */

static size_t list_parts(const struct gpt_dims *dims, struct adamw_part *part)
{
    const size_t count = gpt_tensor_count(dims);

    for (size_t i = 0; i < count; i++) {
        const struct gpt_tensor tensor = gpt_tensor_at(dims, i);
        part[i] = (struct adamw_part){tensor.offset, tensor.rows * tensor.cols, tensor.decays};
    }
    return count;
}

/* Every moment is a sum of two products. In the update a moment's rounding counts in proportion (half for the root),
 * and the square root turns a rounding of v that is large beside v into one that is large beside the update. */
static void adamw_gauge(const struct train_adam *a, double lr, int32_t t, double decay, size_t n, const real *g,
                        const real *w, const real *m, const real *v, real *gauge_w, real *gauge_m, real *gauge_v)
{
    const double one = 1 - adamw_power(a->beta1, t), two = 1 - adamw_power(a->beta2, t);

    for (size_t i = 0; i < n; i++) {
        const double gm = fabs(a->beta1 * (double)m[i]) + fabs((1 - (double)a->beta1) * (double)g[i]);
        const double gv = a->beta2 * (double)v[i] + (1 - (double)a->beta2) * (double)g[i] * (double)g[i];
        const double root = sqrt(gv / two), step = gm / one / (root + a->eps);
        if (gauge_m != NULL)
            gauge_m[i] = (real)gm;
        if (gauge_v != NULL)
            gauge_v[i] = (real)gv;
        if (gauge_w != NULL)
            gauge_w[i] =
                (real)(fabs((double)w[i]) + lr * (step * (3 + 1 / one + 0.5 / two) + decay * fabs((double)w[i])));
    }
}

int reference_train_adamw(const struct train_model *model, const struct train_adam *adam, float lr, int32_t updates,
                          const real *grads, real *params, real *m, real *v, real *gauge_params, real *gauge_m,
                          real *gauge_v)
{
    const struct gpt_dims dims = dims_of(model);
    const struct adamw rule = {adam->beta1, adam->beta2, adam->eps, adam->weight_decay};
    const size_t n = gpt_parameter_count(&dims);
    struct adamw_part part[TENSORS_MAX];
    real *update = malloc((n + 1) * sizeof *update);

    if (update == NULL || gpt_tensor_count(&dims) > TENSORS_MAX) {
        free(update);
        return -1;
    }
    const size_t parts = list_parts(&dims, part);
    for (size_t i = 0; i < parts; i++) {
        const size_t at = part[i].offset;
        adamw_gauge(adam, lr, updates, part[i].decays ? adam->weight_decay : 0, part[i].count, grads + at, params + at,
                    m + at, v + at, gauge_params == NULL ? NULL : gauge_params + at,
                    gauge_m == NULL ? NULL : gauge_m + at, gauge_v == NULL ? NULL : gauge_v + at);
    }
    adamw_update(&rule, updates, lr, part, parts, grads, params, m, v, update);
    adamw_apply(n, update, params);
    free(update);
    return 0;
}

int plain_train_adamw(const struct train_model *model, const struct train_adam *adam, float lr, int32_t updates,
                      const real *grads, real *params, real *m, real *v)
{
    const struct gpt_dims dims = dims_of(model);
    const real one = 1 - (real)adamw_power(adam->beta1, updates), two = 1 - (real)adamw_power(adam->beta2, updates);

    for (size_t k = 0; k < gpt_tensor_count(&dims); k++) {
        const struct gpt_tensor tensor = gpt_tensor_at(&dims, k);
        for (size_t i = tensor.offset; i < tensor.offset + tensor.rows * tensor.cols; i++) {
            m[i] += (1 - (real)adam->beta1) * (grads[i] - m[i]);
            v[i] += (1 - (real)adam->beta2) * (grads[i] * grads[i] - v[i]);
            if (tensor.decays)
                params[i] -= (real)lr * (real)adam->weight_decay * params[i];
            params[i] -= (real)lr * (m[i] / one) / (real_sqrt(v[i] / two) + (real)adam->eps);
        }
    }
    return 0;
}

/* ---- transport ---- */

/* The crc of the float32 numbers that a delivery holds in either build. */
static int64_t crc_of(const real *x, int32_t n)
{
    float *bits = malloc(((size_t)n + 1) * sizeof *bits);
    int64_t crc = -1;

    if (bits != NULL) {
        for (int32_t i = 0; i < n; i++)
            bits[i] = (float)x[i];
        crc = train_crc32(bits, 4 * (int64_t)n);
    }
    free(bits);
    return crc;
}

static const real *find_intact(int32_t attempts, int32_t shards, int32_t n, const real *deliveries, int64_t sent,
                               int32_t shard, int32_t *accepted)
{
    for (int32_t a = 0; a < attempts; a++) {
        const real *bucket = deliveries + ((int64_t)a * shards + shard) * n;
        if (crc_of(bucket, n) == sent) {
            *accepted = a;
            return bucket;
        }
    }
    *accepted = -1;
    return NULL;
}

int reference_train_reduce(int32_t attempts, int32_t shards, int32_t n, const real *deliveries, const int64_t *sent_crc,
                           real *mean, int32_t *accepted, real *gauge_mean)
{
    int32_t intact = 0;

    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int32_t i = 0; i < n && gauge_mean != NULL; i++)
        gauge_mean[i] = 0;
    for (int32_t s = 0; s < shards; s++) {
        const real *bucket = find_intact(attempts, shards, n, deliveries, sent_crc[s], s, &accepted[s]);
        intact += bucket != NULL;
        for (int32_t i = 0; i < n && bucket != NULL; i++) {
            mean[i] += bucket[i];
            if (gauge_mean != NULL)
                gauge_mean[i] += real_fabs(bucket[i]);
        }
    }
    for (int32_t i = 0; i < n && intact > 0; i++) {
        mean[i] /= (real)intact;
        if (gauge_mean != NULL)
            gauge_mean[i] /= (real)intact;
    }
    return 0;
}

int plain_train_reduce(int32_t attempts, int32_t shards, int32_t n, const real *deliveries, const int64_t *sent_crc,
                       real *mean, int32_t *accepted)
{
    int32_t intact = 0;

    for (int32_t s = 0; s < shards; s++)
        intact += find_intact(attempts, shards, n, deliveries, sent_crc[s], s, &accepted[s]) != NULL;
    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int32_t s = shards; s-- > 0;)
        for (int32_t i = 0; i < n && accepted[s] >= 0; i++)
            mean[i] += deliveries[((int64_t)accepted[s] * shards + s) * n + i] / (real)intact;
    return 0;
}

/* Turns random crcs and deliveries into a story: sent_crc[s] % 5 attempts are damaged, in turn by a flipped bit, by
 * what was meant for another shard, by zeros, and by two elements that changed places. */
int generate_deliveries(int32_t attempts, int32_t shards, int32_t n, real *deliveries, int64_t *sent_crc, real *mean,
                        int32_t *accepted)
{
    (void)mean, (void)accepted;
    for (int32_t s = 0; s < shards; s++) {
        const int64_t damaged = sent_crc[s] % 5;
        const real *right = deliveries + (int64_t)s * n;
        real *kept = malloc(((size_t)n + 1) * sizeof *kept);
        if (kept == NULL)
            return -1;
        memcpy(kept, right, (size_t)n * sizeof *kept);
        sent_crc[s] = crc_of(kept, n);
        for (int32_t a = 0; a < attempts; a++) {
            real *bucket = deliveries + ((int64_t)a * shards + s) * n;
            const real *other = deliveries + ((int64_t)a * shards + (s + 1) % shards) * n;
            const int32_t hit = (int32_t)((s * 31 + a * 7 + 3) % n), last = n - 1;
            memcpy(bucket, (a + s) % 4 == 1 && a < damaged ? other : kept, (size_t)n * sizeof *bucket);
            if (a < damaged && (a + s) % 4 == 0)
                bucket[hit] = -bucket[hit];
            else if (a < damaged && (a + s) % 4 == 2)
                memset(bucket, 0, (size_t)n * sizeof *bucket);
            else if (a < damaged && (a + s) % 4 == 3) {
                bucket[hit] = kept[last];
                bucket[last] = hit == last ? -kept[hit] : kept[hit];
            }
        }
        free(kept);
    }
    return 0;
}

/* ---- the run ---- */

struct run {
    struct gpt_dims dims;
    struct gpt_workspace *gpt;
    size_t n, parts;
    struct adamw_part part[TENSORS_MAX];
    real *gradient, *sum, *update;
    int32_t *x, *y;
};

static int run_open(struct run *run, const struct train_model *model, size_t sequences, bool plain)
{
    const struct gpt_dims dims = dims_of(model);
    const size_t n = gpt_parameter_count(&dims), tokens = sequences * dims.time;

    *run = (struct run){.dims = dims, .n = n};
    if (gpt_tensor_count(&dims) > TENSORS_MAX)
        return -1;
    run->parts = list_parts(&dims, run->part);
    run->gpt = gpt_workspace_new(&dims, sequences, plain);
    run->gradient = malloc(3 * n * sizeof *run->gradient);
    run->x = malloc(2 * (tokens + 1) * sizeof *run->x);
    if (run->gpt == NULL || run->gradient == NULL || run->x == NULL)
        return -1;
    run->sum = run->gradient + n;
    run->update = run->sum + n;
    run->y = run->x + tokens;
    return 0;
}

static void run_close(struct run *run)
{
    gpt_workspace_free(run->gpt);
    free(run->gradient);
    free(run->x);
}

/* The mean gradient of the step, scaled and rounded as it travels, in run->sum; its loss is returned. */
static real step_gradient(struct run *run, const struct train_setup *setup, const uint8_t *corpus, const real *params,
                          int32_t step, double loss_scale, real *shard_loss)
{
    const struct gpt_batch batch = {(size_t)setup->batch, run->dims.time, run->x, run->y};
    real loss = 0;

    for (int32_t s = 0; s < setup->shards; s++) {
        const uint8_t *text = corpus + (int64_t)s * setup->tokens;
        read_batch(setup->tokens, (int32_t)run->dims.time, setup->batch, step, text, run->x, run->y);
        gpt_loss_and_gradient(run->gpt, params, &batch, &shard_loss[s], run->gradient, NULL);
        if (loss_scale > 0)
            scaler_compress(loss_scale, run->n, run->gradient);
        reduce_add((size_t)s, run->n, run->gradient, run->sum);
        loss += shard_loss[s];
    }
    reduce_finish((size_t)setup->shards, loss_scale > 0 ? 1 / loss_scale : 1, run->n, run->sum);
    return loss / (real)setup->shards;
}

static void keep_snapshots(struct run *run, int32_t snapshots, const int32_t *snapshot_step, int32_t done,
                           const uint8_t *text, const real *params, real *snapshot, real *probe_logits)
{
    const struct gpt_batch batch = {1, run->dims.time, run->x, NULL};

    for (size_t t = 0; t < run->dims.time; t++)
        run->x[t] = text[t];

    for (int32_t k = 0; k < snapshots; k++) {
        if (snapshot_step[k] != done)
            continue;
        memcpy(snapshot + (size_t)k * run->n, params, run->n * sizeof *params);
        gpt_logits(run->gpt, params, &batch, probe_logits + (size_t)k * run->dims.time * run->dims.vocab);
    }
}

static int train(bool plain, const struct train_model *model, const struct train_schedule *schedule,
                 const struct train_adam *adam, const struct train_setup *setup, const uint8_t *corpus,
                 const int32_t *snapshot_step, real *params, real *m, real *v, real *loss, real *shard_loss,
                 real *snapshot, real *probe_logits)
{
    const struct adamw rule = {adam->beta1, adam->beta2, adam->eps, adam->weight_decay};
    const bool half = setup->loss_scale > 0;
    struct scaler scaler = {setup->loss_scale, 0, setup->scale_growth_interval, 0.5};
    int64_t updates = setup->start_step;
    struct run run;
    const int failed = setup->batch < 1 ? -1 : run_open(&run, model, (size_t)setup->batch, plain);

    for (int32_t i = 0; i <= setup->steps && !failed; i++) {
        const int32_t step = setup->start_step + i;
        keep_snapshots(&run, setup->snapshots, snapshot_step, i, corpus, params, snapshot, probe_logits);
        if (i == setup->steps)
            break;
        loss[i] = step_gradient(&run, setup, corpus, params, step, scaler.scale,
                                shard_loss + (size_t)i * (size_t)setup->shards);
        const bool broken = half && scaler_broken(run.sum, run.n) > 0;
        if (half)
            scaler_advance(&scaler, broken);
        if (broken)
            continue;
        clip_scale(clip_norm(run.sum, run.n), setup->clip, run.n, run.sum);
        adamw_update(&rule, ++updates, rate_of(schedule, step), run.part, run.parts, run.sum, params, m, v, run.update);
        adamw_apply(run.n, run.update, params);
    }
    if (setup->batch >= 1)
        run_close(&run);
    return failed;
}

int reference_train_run(const struct train_model *model, const struct train_schedule *schedule,
                        const struct train_adam *adam, const struct train_setup *setup, const uint8_t *corpus,
                        const int32_t *damage, const int32_t *snapshot_step, real *params, real *m, real *v, real *loss,
                        real *shard_loss, real *snapshot, real *probe_logits, const double *held_out)
{
    (void)damage, (void)held_out;
    return train(false, model, schedule, adam, setup, corpus, snapshot_step, params, m, v, loss, shard_loss, snapshot,
                 probe_logits);
}

int plain_train_run(const struct train_model *model, const struct train_schedule *schedule,
                    const struct train_adam *adam, const struct train_setup *setup, const uint8_t *corpus,
                    const int32_t *damage, const int32_t *snapshot_step, real *params, real *m, real *v, real *loss,
                    real *shard_loss, real *snapshot, real *probe_logits, const double *held_out)
{
    (void)damage, (void)held_out;
    return train(true, model, schedule, adam, setup, corpus, snapshot_step, params, m, v, loss, shard_loss, snapshot,
                 probe_logits);
}

/* The mean loss of every shard's batch of `step` with these parameters, whatever the candidate reported. */
static double replayed(struct run *run, const struct train_setup *setup, const uint8_t *corpus, int32_t step,
                       const real *params)
{
    const struct gpt_batch batch = {(size_t)setup->batch, run->dims.time, run->x, run->y};
    double loss = 0;

    for (int32_t s = 0; s < setup->shards; s++) {
        const uint8_t *text = corpus + (int64_t)s * setup->tokens;
        read_batch(setup->tokens, (int32_t)run->dims.time, setup->batch, step, text, run->x, run->y);
        loss += (double)gpt_loss(run->gpt, params, &batch) / setup->shards;
    }
    return loss;
}

/* Held-out tokens may have been disturbed, to see whether anybody notices. */
static int32_t token_of(double x, size_t vocab)
{
    return x >= 0 && x < (double)vocab ? (int32_t)x : 0;
}

static double held_out_mean(struct run *run, const double *held_out, const real *params)
{
    const size_t time = run->dims.time;
    const struct gpt_batch one = {1, time, run->x, run->y};
    double loss = 0;

    for (size_t w = 0; w < HELD_WINDOWS; w++) {
        for (size_t t = 0; t < time; t++) {
            run->x[t] = token_of(held_out[w * time + t], run->dims.vocab);
            run->y[t] = token_of(held_out[w * time + t + 1], run->dims.vocab);
        }
        loss += (double)gpt_loss(run->gpt, params, &one) / HELD_WINDOWS;
    }
    return loss;
}

/* +1 or -1 for every place of the flat vector, as good as drawn. */
static double sign_of(uint64_t i)
{
    uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
    return x >> 63 ? 1 : -1;
}

/* One number for each tensor: its inner product with random signs over the root of its size. An error moves it by about
 * its own root mean square, whatever the error looks like. The biases of the keys stay out of it: a query's scores all
 * move alike with them, so no loss depends on them, their gradient is nothing but rounding, and Adam makes steps of
 * full length of that. */
static void sketch(const struct gpt_dims *dims, const real *params, double *out)
{
    for (size_t k = 0; k < gpt_tensor_count(dims); k++) {
        const struct gpt_tensor tensor = gpt_tensor_at(dims, k);
        const bool keys = strcmp(tensor.name, "qkv_b") == 0;
        const size_t n = tensor.rows * tensor.cols;
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            if (!keys || i < dims->width || i >= 2 * dims->width)
                sum += sign_of(tensor.offset + i) * (double)params[tensor.offset + i];
        out[k] = sum / sqrt((double)n);
    }
}

/* held_out[0] holds the tokens, held_out[1] what the grammar needs to say each of them, in nats. */
int measure_train_run(const struct train_model *model, const struct train_schedule *schedule,
                      const struct train_adam *adam, const struct train_setup *setup, const uint8_t *corpus,
                      const int32_t *damage, const int32_t *snapshot_step, const real *params, const real *m,
                      const real *v, const real *loss, const real *shard_loss, const real *snapshot,
                      const real *probe_logits, const double *held_out, double *weights, double *held_out_loss,
                      double *floor_margin, double *replayed_loss)
{
    const size_t n = (size_t)HELD_WINDOWS * (size_t)model->time;
    double floor = 0;
    struct run run;

    (void)schedule, (void)adam, (void)damage, (void)m, (void)v;
    (void)loss, (void)shard_loss, (void)probe_logits;
    if (run_open(&run, model, (size_t)setup->batch, false) != 0)
        return -1;
    for (size_t i = 1; i <= n; i++)
        floor += held_out[n + 1 + i] / (double)n;
    for (int32_t k = 0; k < setup->snapshots; k++) {
        const real *kept = snapshot + (size_t)k * run.n;
        held_out_loss[k] = held_out_mean(&run, held_out, kept);
        floor_margin[k] = held_out_loss[k] - floor;
        replayed_loss[k] = replayed(&run, setup, corpus, setup->start_step + snapshot_step[k], kept);
        sketch(&run.dims, kept, weights + (size_t)k * gpt_tensor_count(&run.dims));
    }
    sketch(&run.dims, params, weights + (size_t)setup->snapshots * gpt_tensor_count(&run.dims));
    run_close(&run);
    return 0;
}

/* ---- texts and states ---- */

static void make_texts(const struct train_model *model, const struct train_setup *setup, uint8_t *corpus,
                       double *held_out)
{
    const size_t n = (size_t)HELD_WINDOWS * (size_t)model->time + 1;
    struct corpus grammar = {.vocab = (uint32_t)model->vocab};
    uint8_t *text = malloc(n);
    double *probability = malloc(n * sizeof *probability);

    memcpy(&grammar.seed, corpus, sizeof grammar.seed); /* the filled bytes are the seed */
    for (int32_t s = 0; s < setup->shards; s++)
        corpus_make(&grammar, (uint32_t)s, (size_t)setup->tokens, corpus + (size_t)s * (size_t)setup->tokens, NULL);
    if (text != NULL && probability != NULL) {
        corpus_make(&grammar, CORPUS_HELD_OUT, n, text, probability);
        for (size_t i = 0; i < n; i++) {
            held_out[i] = text[i];
            held_out[n + i] = -log(probability[i]);
        }
    }
    free(text);
    free(probability);
}

/* From N(0,1) in every place to a usual beginning; `residual`: matrices that write into the residual stream. */
static void make_state(const struct train_model *model, int32_t start_step, real *params, real *m, real *v)
{
    const struct gpt_dims dims = dims_of(model);

    for (size_t k = 0; k < gpt_tensor_count(&dims); k++) {
        const struct gpt_tensor tensor = gpt_tensor_at(&dims, k);
        const bool residual = strcmp(tensor.name, "proj_w") == 0 || strcmp(tensor.name, "out_w") == 0;
        const bool gain = strstr(tensor.name, "gain") != NULL;
        const double sd = 0.08 / (residual ? sqrt(2.0 * (double)dims.layers) : 1);
        for (size_t i = tensor.offset; i < tensor.offset + tensor.rows * tensor.cols; i++) {
            const double start = tensor.decays ? sd * (double)params[i] : start_step > 0 ? 0.02 * (double)params[i] : 0;
            params[i] = (real)(start + (gain ? 1 : 0));
            m[i] = start_step > 0 ? (real)1e-3 * m[i] : 0;
            v[i] = start_step > 0 ? (real)(4e-6 * (0.25 + (double)v[i] * (double)v[i])) : 0;
        }
    }
}

/* From random numbers to a state and a plan: the texts of the grammar, the start, where the wire damages something
 * (up to three attempts of the same delivery, never all four), and when snapshots are taken (the first one late). */
int generate_run(const struct train_model *model, const struct train_schedule *schedule, const struct train_adam *adam,
                 const struct train_setup *setup, uint8_t *corpus, int32_t *damage, int32_t *snapshot_step,
                 real *params, real *m, real *v, real *loss, real *shard_loss, real *snapshot, real *probe_logits,
                 double *held_out)
{
    (void)schedule, (void)adam, (void)loss, (void)shard_loss, (void)snapshot, (void)probe_logits;
    make_texts(model, setup, corpus, held_out);
    make_state(model, setup->start_step, params, m, v);
    for (int32_t i = 0; i < setup->damages; i++) {
        int32_t *row = damage + 5 * i, *first = damage + 5 * (i - i % 3);
        row[0] = i % 3 ? first[0] : setup->start_step + row[0] % setup->steps;
        row[1] = i % 3 ? first[1] : row[1] % setup->shards;
        row[2] = i % 3 ? first[2] : row[2] % train_buckets(model);
        row[3] = i % 3;
        row[4] %= TRAIN_WIRE_ZEROS + 1;
    }
    for (int32_t k = 0; k < setup->snapshots; k++) {
        const int32_t late = setup->steps / 4 + 1, from = k == 0 ? setup->steps + 1 - late : 0;
        snapshot_step[k] = from + snapshot_step[k] % (setup->steps + 1 - from);
    }
    return 0;
}

/* Tokens of a vocabulary, and parameters that are large enough for every path to carry weight. */
int generate_gradient(const struct train_model *model, int32_t batch, real *params, int32_t *x, int32_t *y, real *loss,
                      real *grads)
{
    const struct gpt_dims dims = dims_of(model);

    (void)loss, (void)grads;
    for (int64_t i = 0; i < (int64_t)batch * model->time; i++) {
        x[i] %= model->vocab;
        y[i] %= model->vocab;
    }
    for (size_t k = 0; k < gpt_tensor_count(&dims); k++) {
        const struct gpt_tensor tensor = gpt_tensor_at(&dims, k);
        const bool gain = strstr(tensor.name, "gain") != NULL;
        for (size_t i = tensor.offset; i < tensor.offset + tensor.rows * tensor.cols; i++)
            params[i] =
                (real)((gain ? 1 : 0) + (tensor.decays ? 1.5 / sqrt((double)model->width) : 0.2) * (double)params[i]);
    }
    return 0;
}

/* Second moments that are moments of something: v >= 0, and m of the size of its root. */
int generate_moments(const struct train_model *model, const struct train_adam *adam, float lr, int32_t updates,
                     real *grads, real *params, real *m, real *v)
{
    const struct gpt_dims dims = dims_of(model);

    (void)adam, (void)lr, (void)grads, (void)params;
    for (size_t i = 0; i < gpt_parameter_count(&dims); i++) {
        v[i] = updates > 1 ? v[i] * v[i] : 0;
        m[i] = updates > 1 ? m[i] : 0;
    }
    return 0;
}

/* ---- the report ---- */

/* truth[incident] = {cause, first_step, shard}. Those of the statement's incidents are data of a hidden case. */
int reference_incident_report(int32_t incidents, int32_t *cause, int32_t *first_step, int32_t *shard,
                              const int32_t *truth)
{
    for (int32_t i = 0; i < incidents; i++) {
        cause[i] = truth[3 * i];
        first_step[i] = truth[3 * i + 1];
        shard[i] = truth[3 * i + 2];
    }
    return 0;
}

int plain_incident_report(int32_t incidents, int32_t *cause, int32_t *first_step, int32_t *shard, const int32_t *truth)
{
    return reference_incident_report(incidents, cause, first_step, shard, truth);
}

int measure_incident_report(int32_t incidents, const int32_t *cause, const int32_t *first_step, const int32_t *shard,
                            const int32_t *truth, double *onset_error)
{
    (void)cause, (void)shard;
    for (int32_t i = 0; i < incidents; i++)
        onset_error[i] = fmax(0, fabs((double)first_step[i] - truth[3 * i + 1]) - 2);
    return 0;
}
