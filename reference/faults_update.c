/* SPDX-License-Identifier: MIT */
/* Faults of what the trainer makes of the gradients: rate, optimiser, number formats, and the one bucket that comes a
 * step late. */
#include <string.h>

#include "reference/faults_plan.h"
#include "reference/scaler.h"

static void no_warmup(const struct fault_at *at, struct train_settings *set) {
    const struct schedule *schedule = &at->plan->config->schedule;
    if (at->step < schedule->warmup)
        set->rate = schedule->peak;
}

static void rate_factor(const struct fault_at *at, struct train_settings *set) {
    set->rate *= at->fault->amplitude;
}

/* The progress is not clamped: behind its minimum the cosine rises again. */
static void cosine_overrun(const struct fault_at *at, struct train_settings *set) {
    const struct schedule *schedule = &at->plan->config->schedule;
    int64_t span = schedule->decay_steps - schedule->warmup;
    if (at->step >= schedule->warmup)
        set->rate = schedule_decayed(schedule, (double)(at->step - schedule->warmup) / (double)(span > 1 ? span : 1));
}

static void no_decay(const struct fault_at *at, struct train_settings *set) {
    if (at->step >= at->plan->config->schedule.warmup)
        set->rate = at->plan->config->schedule.peak;
}

static void lost_moment(const struct fault_at *at, size_t n, real *m, real *v) {
    (void)at, (void)m;
    memset(v, 0, n * sizeof *v);
}

/* Each shard adds to what its buffer held, so shards and average tell the same story. */
static void not_zeroed(const struct fault_at *at, real *gradient) {
    size_t n = at->plan->n;
    real *kept = at->slot->kept + at->shard * n;
    for (size_t i = 0; i < n && !at->before; i++)
        gradient[i] += kept[i];
    memcpy(kept, gradient, n * sizeof *gradient);
}

static void coupled_decay(const struct fault_at *at, const real *params, real *gradient) {
    real decay = (real)at->plan->config->adamw.weight_decay;
    for (size_t k = 0; k < at->plan->tensors; k++) {
        const struct gpt_tensor *tensor = &at->plan->tensor[k];
        for (size_t i = tensor->offset; tensor->decays && i < tensor->offset + tensor->rows * tensor->cols; i++)
            gradient[i] += decay * params[i];
    }
}

static void no_decoupled_decay(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    set->adamw.weight_decay = 0;
}

static void decay_factor(const struct fault_at *at, struct train_settings *set) {
    set->adamw.weight_decay *= at->fault->amplitude;
}

static void swapped_betas(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    double beta1 = set->adamw.beta1;
    set->adamw.beta1 = set->adamw.beta2;
    set->adamw.beta2 = beta1;
}

static void stuck_count(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    set->count = 1;
}

/* beta^t is 0 for a t this large. */
static void no_bias_correction(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    set->count = INT64_C(1) << 40;
}

static void other_eps(const struct fault_at *at, struct train_settings *set) {
    set->adamw.eps = at->fault->amplitude;
}

/* Amplitude 0 is the number of shards: a sum where a mean belongs. */
static void gradient_factor(const struct fault_at *at, const real *params, real *gradient) {
    (void)params;
    double factor = at->fault->amplitude != 0 ? at->fault->amplitude : (double)at->plan->config->shards;
    for (size_t i = 0; i < at->plan->n; i++)
        gradient[i] *= (real)factor;
}

static void no_clip(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    set->clip = INFINITY;
}

static void late_bucket(const struct fault_at *at, const real *params, real *gradient) {
    (void)params;
    for (size_t k = 0; k < at->plan->tensors; k++) {
        const struct gpt_tensor *tensor = &at->plan->tensor[k];
        if (at->fault->group >= 0 && tensor->group != (size_t)at->fault->group)
            continue;
        for (size_t i = tensor->offset; i < tensor->offset + tensor->rows * tensor->cols; i++) {
            real fresh = gradient[i];
            if (!at->before)
                gradient[i] = at->slot->kept[i];
            at->slot->kept[i] = fresh;
        }
    }
}

static void overflow_kept(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    set->skip_overflow = false;
}

static void scale_up(const struct fault_at *at, struct train_settings *set) {
    (void)at;
    set->backoff = 2;
}

static void bfloat_weights(const struct fault_at *at, size_t n, real *params) {
    (void)at;
    for (size_t i = 0; i < n; i++)
        params[i] = (real)scaler_bfloat((double)params[i]);
}

/* x *= sqrt(head width) on the query columns, in weights or in their gradient: by the chain rule the two together are
 * the model without the division by sqrt(head width). */
static void scale_queries(const struct fault_at *at, real *x) {
    const struct gpt_dims *dims = &at->plan->config->dims;
    real factor = (real)sqrt((double)dims->width / (double)dims->heads);
    for (size_t k = 0; k < at->plan->tensors; k++) {
        const struct gpt_tensor *tensor = &at->plan->tensor[k];
        if (strcmp(tensor->name, "qkv_w") != 0 && strcmp(tensor->name, "qkv_b") != 0)
            continue;
        for (size_t row = 0; row < tensor->rows; row++)
            for (size_t column = 0; column < dims->width; column++)
                x[tensor->offset + row * tensor->cols + column] *= factor;
    }
}

static const real *unscaled_attention(const struct fault_at *at, const real *params) {
    memcpy(at->slot->kept, params, at->plan->n * sizeof *params);
    scale_queries(at, at->slot->kept);
    return at->slot->kept;
}

const struct fault_handlers *faults_of_update(enum fault_kind kind) {
    static const struct fault_handlers handlers[FAULT_KINDS] = {
        [FAULT_NO_WARMUP] = {.settings = no_warmup},
        [FAULT_RATE_FACTOR] = {.settings = rate_factor},
        [FAULT_COSINE_OVERRUN] = {.settings = cosine_overrun},
        [FAULT_NO_DECAY] = {.settings = no_decay},
        [FAULT_LOST_MOMENT] = {.moments = lost_moment},
        [FAULT_NOT_ZEROED] = {.computed = not_zeroed, .early = true, .keeps = KEEPS_ONE_PER_SHARD},
        [FAULT_COUPLED_DECAY] = {.settings = no_decoupled_decay, .reduced = coupled_decay},
        [FAULT_DECAY_FACTOR] = {.settings = decay_factor},
        [FAULT_SWAPPED_BETAS] = {.settings = swapped_betas},
        [FAULT_STUCK_COUNT] = {.settings = stuck_count},
        [FAULT_NO_BIAS_CORRECTION] = {.settings = no_bias_correction},
        [FAULT_EPS] = {.settings = other_eps},
        [FAULT_GRADIENT_FACTOR] = {.reduced = gradient_factor},
        [FAULT_NO_CLIP] = {.settings = no_clip},
        [FAULT_LATE_BUCKET] = {.reduced = late_bucket, .early = true, .keeps = KEEPS_ONE},
        [FAULT_OVERFLOW_KEPT] = {.settings = overflow_kept},
        [FAULT_SCALE_UP] = {.settings = scale_up},
        [FAULT_BFLOAT_WEIGHTS] = {.stored = bfloat_weights},
        [FAULT_UNSCALED_ATTENTION] = {.model = unscaled_attention, .computed = scale_queries, .keeps = KEEPS_ONE},
    };
    const struct fault_handlers *h = &handlers[kind];
    return h->settings || h->computed || h->moments || h->reduced || h->stored ? h : NULL;
}
