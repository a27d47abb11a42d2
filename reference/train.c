/* SPDX-License-Identifier: MIT */
/* The step. Read train_step() first; it is the list of what happens. */
#include "reference/train.h"

#include <stdlib.h>
#include <string.h>

#include "reference/clip.h"
#include "reference/faults.h"
#include "reference/reduce.h"
#include "reference/scaler.h"

struct train {
    const struct train_config *config;
    const struct train_data *data;
    struct loader loader;
    struct gpt_workspace *gpt;
    size_t n, tensors, groups;
    size_t shown; /* groups that a record has room for */
    struct adamw_part *part;
    struct bucket_part *bucket;
    int32_t *x, *y;   /* [sequences][time] */
    uint64_t *window; /* [sequences] */
    real *gradient, *sum, *update, *before, *act_max;
    struct crc_table crc;
    struct token_history history;
};

static bool allocate(struct train *t) {
    const struct train_config *c = t->config;
    size_t tokens = c->sequences * c->dims.time;
    t->part = calloc(t->tensors, sizeof *t->part);
    t->bucket = calloc(t->tensors, sizeof *t->bucket);
    t->x = calloc(tokens + 1, sizeof *t->x);
    t->y = calloc(tokens + 1, sizeof *t->y);
    t->window = calloc(c->sequences + 1, sizeof *t->window);
    t->gradient = calloc(4 * t->n + t->groups, sizeof *t->gradient);
    t->gpt = gpt_workspace_new(&c->dims, c->sequences, c->plain);
    if (!t->part || !t->bucket || !t->x || !t->y || !t->window || !t->gradient || !t->gpt)
        return false;
    t->sum = t->gradient + t->n;
    t->update = t->sum + t->n;
    t->before = t->update + t->n;
    t->act_max = t->before + t->n;
    return true;
}

struct train *train_new(const struct train_config *config, const struct train_data *data) {
    struct loader loader = loader_make(data->tokens, config->dims.time);
    struct train *t = loader.windows ? calloc(1, sizeof *t) : NULL;
    if (!t)
        return NULL;
    t->config = config;
    t->data = data;
    t->loader = loader;
    t->n = gpt_parameter_count(&config->dims);
    t->tensors = gpt_tensor_count(&config->dims);
    t->groups = config->dims.layers + 2;
    t->shown = t->groups < TELEMETRY_GROUPS ? t->groups : TELEMETRY_GROUPS;
    if (!allocate(t)) {
        train_free(t);
        return NULL;
    }
    for (size_t i = 0; i < t->tensors; i++) {
        struct gpt_tensor tensor = gpt_tensor_at(&config->dims, i);
        size_t count = tensor.rows * tensor.cols;
        t->part[i] = (struct adamw_part){tensor.offset, count, tensor.decays};
        t->bucket[i] = (struct bucket_part){tensor.offset, count, tensor.group};
    }
    crc_table_make(&t->crc);
    return t;
}

void train_free(struct train *t) {
    if (!t)
        return;
    gpt_workspace_free(t->gpt);
    free(t->part);
    free(t->bucket);
    free(t->x);
    free(t->y);
    free(t->window);
    free(t->gradient);
    free(t);
}

static void read_batch(struct train *t, int64_t step, size_t shard, struct faults *faults) {
    size_t time = t->config->dims.time;
    for (size_t k = 0; k < t->config->sequences; k++) {
        uint64_t sample = (uint64_t)step * t->config->sequences + k;
        size_t source = shard;
        t->window[k] = loader_window(&t->loader, sample);
        faults_window(faults, step, sample, &source, &t->window[k]);
        const uint8_t *text = t->data->corpus + source * t->data->tokens;
        loader_read(&t->loader, text, t->window[k], t->x + k * time, t->y + k * time);
    }
    faults_batch(faults, step, shard, t->window, t->x, t->y);
}

static void store_norms(const struct train *t, const real *x, float *out) {
    double norm[TELEMETRY_GROUPS];
    reduce_norms(t->bucket, t->tensors, t->shown, x, norm);
    for (size_t g = 0; g < t->shown; g++)
        out[g] = (float)norm[g];
}

static void watch_shard(struct train *t, size_t shard, real loss, const real *replica, struct step_record *r) {
    r->shard_loss[shard] = (float)loss;
    r->shard_gnorm[shard] = (float)clip_norm(t->gradient, t->n);
    store_norms(t, t->gradient, r->shard_gn[shard]);
    reduce_buckets(&t->crc, t->bucket, t->tensors, t->shown, replica, r->crc_param[shard]);
    telemetry_tokens(&t->history, (uint32_t)t->config->dims.vocab, t->config->sequences, t->config->dims.time, t->x,
                     t->y, shard, r);
    float logit = (float)gpt_logit_max(t->gpt);
    r->logit_max = logit > r->logit_max ? logit : r->logit_max;
    gpt_activation_max(t->gpt, t->act_max);
    for (size_t g = 0; g < t->shown; g++) {
        float act = (float)t->act_max[g];
        r->act_max[g] = act > r->act_max[g] ? act : r->act_max[g];
    }
}

static void watch_wire(struct train *t, struct step_record *r, uint32_t *crc) {
    if (r)
        reduce_buckets(&t->crc, t->bucket, t->tensors, t->shown, t->gradient, crc);
}

static double shard_step(struct train *t, const struct train_state *state, struct faults *faults, size_t shard,
                         struct step_record *record) {
    struct step_record *r = shard < TELEMETRY_SHARDS ? record : NULL;
    read_batch(t, state->step, shard, faults);
    const real *replica = faults_replica(faults, state->step, shard, state->params);
    const real *model = faults_model(faults, state->step, shard, replica);
    struct gpt_batch batch = {t->config->sequences, t->config->dims.time, t->x, t->y};
    real loss;
    gpt_loss_and_gradient(t->gpt, model, &batch, &loss, t->gradient, NULL);
    faults_computed(faults, state->step, shard, t->gradient);
    if (r)
        watch_shard(t, shard, loss, replica, r);
    if (t->config->fp16)
        scaler_compress(state->loss_scale, t->n, t->gradient);
    watch_wire(t, r, r ? r->crc_sent[shard] : NULL);
    faults_transport(faults, state->step, shard, t->gradient);
    watch_wire(t, r, r ? r->crc_recv[shard] : NULL);
    reduce_add(shard, t->n, t->gradient, t->sum);
    return (double)loss;
}

static void apply_update(struct train *t, const struct train_settings *set, struct train_state *state,
                         struct faults *faults, struct step_record *r) {
    state->updates++;
    faults_moments(faults, state->step, t->n, state->m, state->v);
    adamw_update(&set->adamw, set->count, set->rate, t->part, t->tensors, t->sum, state->params, state->m, state->v,
                 t->update);
    if (r)
        memcpy(t->before, state->params, t->n * sizeof *t->before);
    adamw_apply(t->n, t->update, state->params);
    faults_stored(faults, state->step, t->n, state->params);
    if (!r)
        return;
    store_norms(t, t->update, r->un);
    for (size_t i = 0; i < t->n; i++)
        t->before[i] = state->params[i] - t->before[i];
    store_norms(t, t->before, r->dw);
}

static void finish_step(struct train *t, const struct train_settings *set, struct train_state *state,
                        struct faults *faults, struct step_record *r) {
    struct scaler scaler = {state->loss_scale, state->good_steps, t->config->growth_interval, set->backoff};
    reduce_finish(t->config->shards, t->config->fp16 ? 1 / scaler.scale : 1, t->n, t->sum);
    faults_reduced(faults, state->step, state->params, t->sum);
    size_t broken = t->config->fp16 || r ? scaler_broken(t->sum, t->n) : 0;
    bool skip = t->config->fp16 && broken && set->skip_overflow;
    double norm = clip_norm(t->sum, t->n), factor = 0;
    if (r)
        store_norms(t, t->sum, r->gn);
    if (!skip) {
        factor = clip_scale(norm, set->clip, t->n, t->sum);
        apply_update(t, set, state, faults, r);
    }
    if (t->config->fp16) {
        scaler_advance(&scaler, skip);
        state->loss_scale = scaler.scale;
        state->good_steps = scaler.good;
    }
    if (r) {
        r->skipped = skip;
        r->nonfinite = (int32_t)broken;
        r->grad_norm = (float)norm;
        r->clip_coef = (float)factor;
    }
}

static void open_record(const struct train *t, const struct train_settings *set, const struct train_state *state,
                        struct step_record *r) {
    size_t shards = t->config->shards;
    *r = (struct step_record){
        .step = (int32_t)state->step,
        .n_shards = (int32_t)(shards < TELEMETRY_SHARDS ? shards : TELEMETRY_SHARDS),
        .n_groups = (int32_t)t->shown,
        .lr = (float)set->rate,
        .loss_scale = (float)state->loss_scale,
        .have = TELEMETRY_ALL,
    };
    store_norms(t, state->params, r->pn);
}

double train_step(struct train *t, struct train_state *state, struct faults *faults, struct step_record *record) {
    const struct train_config *c = t->config;
    struct train_settings set = {
        .rate = schedule_rate(&c->schedule, state->step),
        .clip = c->clip,
        .adamw = c->adamw,
        .count = state->updates + 1,
        .skip_overflow = true,
        .backoff = 0.5,
    };
    faults_settings(faults, state->step, &set);
    if (record)
        open_record(t, &set, state, record);
    double loss = 0;
    for (size_t s = 0; s < c->shards; s++)
        loss += shard_step(t, state, faults, s, record);
    loss /= (double)c->shards;
    finish_step(t, &set, state, faults, record);
    if (record) {
        record->loss = (float)loss;
        telemetry_step_end(&t->history, (uint32_t)c->dims.vocab);
    }
    state->step++;
    return loss;
}

int train_run(const struct train_config *config, const struct train_data *data, size_t steps, struct train_state *state,
              const struct train_hooks *hooks) {
    struct train_hooks none = {0};
    const struct train_hooks *h = hooks ? hooks : &none;
    struct train *t = train_new(config, data);
    if (!t)
        return -1;
    for (size_t i = 0; i < steps; i++) {
        struct step_record record;
        double loss = train_step(t, state, h->faults, h->on_step ? &record : NULL);
        if (h->on_step)
            h->on_step(h->context, &record, loss);
        if (h->loss)
            h->loss[i] = loss;
    }
    train_free(t);
    return 0;
}

double train_held_out(struct train *t, const real *params, const uint8_t *tokens, size_t n, size_t windows) {
    size_t time = t->config->dims.time, most = t->config->sequences;
    struct loader text = loader_make(n, time);
    if (windows > text.windows)
        windows = text.windows;
    double sum = 0;
    for (size_t w = 0; w < windows && most > 0;) {
        size_t count = windows - w < most ? windows - w : most;
        for (size_t k = 0; k < count; k++, w++)
            loader_read(&text, tokens, w, t->x + k * time, t->y + k * time);
        struct gpt_batch batch = {count, time, t->x, t->y};
        sum += (double)gpt_loss(t->gpt, params, &batch) * (double)count;
    }
    return sum / (double)windows;
}
