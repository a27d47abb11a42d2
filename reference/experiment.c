/* SPDX-License-Identifier: MIT */
/* A run owns everything it makes, in a few large blocks, and frees it before it returns: only numbers come out. */
#include "reference/experiment.h"

#include <assert.h>
#include <stdlib.h>

struct experiment experiment_defaults(uint64_t seed) {
    struct train_config config = train_defaults();
    return (struct experiment){
        .config = config,
        .corpus = {.seed = seed, .vocab = (uint32_t)config.dims.vocab},
        .seed = seed,
        .tokens = 40000,
        .steps = 300,
        .held_out_windows = 64,
        .loss_scale = 1,
    };
}

void experiment_fault(struct experiment *experiment, const struct fault *fault, bool inject) {
    faults_prepare(fault, &experiment->config, &experiment->corpus, &experiment->loss_scale);
    assert(experiment->faults < FAULTS_MAX);
    if (inject)
        experiment->fault[experiment->faults++] = *fault;
}

static void train_all(const struct experiment *e, struct train *train, struct train_state *state, struct faults *faults,
                      struct outcome *out) {
    for (size_t i = 0; i < e->steps; i++) {
        double loss = train_step(train, state, faults, out->record ? &out->record[i] : NULL);
        if (out->loss)
            out->loss[i] = loss;
    }
}

static void measure_held_out(const struct experiment *e, struct train *train, const real *params, uint8_t *text,
                             double *probability, struct outcome *out) {
    size_t n = e->held_out_windows * e->config.dims.time + 1;
    corpus_make(&e->corpus, CORPUS_HELD_OUT, n, text, probability);
    out->floor = corpus_entropy(probability, n);
    out->held_out = train_held_out(train, params, text, n, e->held_out_windows);
}

int experiment_run(const struct experiment *e, struct outcome *out) {
    size_t n = gpt_parameter_count(&e->config.dims), text = e->config.shards * e->tokens;
    size_t held_out = e->held_out_windows * e->config.dims.time + 1;
    int result = -1;
    uint8_t *corpus = malloc(text + held_out);
    double *probability = malloc(held_out * sizeof *probability);
    real *params = calloc(3 * n, sizeof *params);
    struct train *train = NULL;
    struct faults *faults = NULL;
    if (!corpus || !probability || !params)
        goto out;
    struct train_data data = {corpus, e->tokens};
    struct train_state state = {.params = params, .m = params + n, .v = params + 2 * n};
    train = train_new(&e->config, &data);
    faults = faults_new(e->fault, e->faults, &e->config, &data);
    if (!train || !faults)
        goto out;
    for (size_t s = 0; s < e->config.shards; s++)
        corpus_make(&e->corpus, (uint32_t)s, e->tokens, corpus + s * e->tokens, NULL);
    train_init(&e->config.dims, e->seed, params);
    train_start(&e->config, e->loss_scale, &state);
    train_all(e, train, &state, faults, out);
    measure_held_out(e, train, params, corpus + text, probability, out);
    result = 0;
out:
    faults_free(faults);
    train_free(train);
    free(params);
    free(probability);
    free(corpus);
    return result;
}
