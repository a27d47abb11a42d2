/* SPDX-License-Identifier: MIT */
/* Faults of what is read: wrong windows, wrong tokens, wrong targets. */
#include "reference/faults_plan.h"
#include "reference/philox.h"

enum { PURPOSE_GARBAGE = 4 };

/* What a read beyond the end finds: bytes that are tokens by chance only. */
static void garbage_tokens(const struct fault_at *at, const uint64_t *window, int32_t *x, int32_t *y) {
    (void)window;
    size_t time = at->plan->config->dims.time;
    uint32_t vocab = (uint32_t)at->plan->config->dims.vocab;
    uint32_t stream = (uint32_t)at->step * 1024u + (uint32_t)at->shard;
    struct philox draw = philox_stream(at->fault->seed, stream, PURPOSE_GARBAGE);
    for (size_t k = 0; k < at->plan->config->sequences; k++) {
        int32_t token = (int32_t)philox_below(&draw, vocab);
        for (size_t i = k * time; i < (k + 1) * time; i++) {
            x[i] = token;
            token = y[i] = (int32_t)philox_below(&draw, vocab);
        }
    }
}

static void padding(const struct fault_at *at, const uint64_t *window, int32_t *x, int32_t *y) {
    (void)window;
    size_t tokens = at->plan->config->sequences * at->plan->config->dims.time;
    for (size_t i = 0; i < tokens; i++)
        x[i] = y[i] = (int32_t)corpus_padding((uint32_t)at->plan->config->dims.vocab);
}

static void target_shift(const struct fault_at *at, const uint64_t *window, int32_t *x, int32_t *y) {
    (void)x;
    size_t time = at->plan->config->dims.time, n = at->plan->data->tokens;
    const uint8_t *text = at->plan->data->corpus + at->shard * n;
    for (size_t k = 0; k < at->plan->config->sequences; k++)
        for (size_t i = 0; i < time; i++)
            y[k * time + i] = text[(window[k] * time + i + 2) % n];
}

/* The target is a token that the model sees: any model learns to copy it, and its loss goes below the entropy floor. */
static void target_leak(const struct fault_at *at, const uint64_t *window, int32_t *x, int32_t *y) {
    (void)window;
    size_t tokens = at->plan->config->sequences * at->plan->config->dims.time;
    for (size_t i = 0; i < tokens; i++)
        y[i] = x[i];
}

static void no_shuffle(const struct fault_at *at, uint64_t sample, size_t *shard, uint64_t *window) {
    (void)shard;
    *window = sample % at->plan->loader.windows;
}

static void same_shard(const struct fault_at *at, uint64_t sample, size_t *shard, uint64_t *window) {
    (void)at, (void)sample, (void)window;
    *shard = 0;
}

/* In a sorted text the windows of a topic are neighbours. */
static void single_topic(const struct fault_at *at, uint64_t sample, size_t *shard, uint64_t *window) {
    (void)sample, (void)shard;
    uint64_t share = at->plan->loader.windows / CORPUS_TOPICS;
    if (share > 0)
        *window = at->fault->seed % CORPUS_TOPICS * share + *window % share;
}

const struct fault_handlers *faults_of_data(enum fault_kind kind) {
    static const struct fault_handlers handlers[FAULT_KINDS] = {
        [FAULT_SINGLE_TOPIC] = {.window = single_topic},
        [FAULT_GARBAGE_TOKENS] = {.batch = garbage_tokens},
        [FAULT_PADDING] = {.batch = padding},
        [FAULT_TARGET_SHIFT] = {.batch = target_shift},
        [FAULT_NO_SHUFFLE] = {.window = no_shuffle},
        [FAULT_SAME_SHARD] = {.window = same_shard},
        [FAULT_TARGET_LEAK] = {.batch = target_leak},
    };
    const struct fault_handlers *h = &handlers[kind];
    return h->window || h->batch ? h : NULL;
}
