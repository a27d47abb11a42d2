/* SPDX-License-Identifier: MIT */
/* The plan and its points: at each, every fault whose time has come and whose shard it is gets its handler called. What
 * the faults do is in faults_data.c, faults_update.c and faults_hardware.c. */
#include "reference/faults.h"

#include <stdlib.h>

#include "reference/faults_plan.h"

/* For points that belong to no shard. */
#define NO_SHARD SIZE_MAX

static const struct fault_handlers *handlers_of(enum fault_kind kind) {
    static const struct fault_handlers nothing = {0};
    const struct fault_handlers *h = faults_of_data(kind);
    h = h ? h : faults_of_update(kind);
    h = h ? h : faults_of_hardware(kind);
    return h ? h : &nothing;
}

struct faults *faults_new(const struct fault *fault, size_t count, const struct train_config *config,
                          const struct train_data *data) {
    struct faults *f = count <= FAULTS_MAX ? calloc(1, sizeof *f) : NULL;
    if (!f)
        return NULL;
    f->config = config;
    f->data = data;
    f->loader = loader_make(data->tokens, config->dims.time);
    f->n = gpt_parameter_count(&config->dims);
    f->tensors = gpt_tensor_count(&config->dims);
    f->count = count;
    f->tensor = calloc(f->tensors, sizeof *f->tensor);
    bool complete = f->tensor != NULL;
    for (size_t i = 0; i < count; i++) {
        f->slot[i].fault = fault[i];
        enum fault_keeps keeps = handlers_of(fault[i].kind)->keeps;
        size_t copies = keeps == KEEPS_ONE_PER_SHARD ? config->shards : keeps == KEEPS_ONE;
        if (copies > 0)
            complete &= (f->slot[i].kept = calloc(copies * f->n, sizeof *f->slot[i].kept)) != NULL;
    }
    if (!complete) {
        faults_free(f);
        return NULL;
    }
    for (size_t i = 0; i < f->tensors; i++)
        f->tensor[i] = gpt_tensor_at(&config->dims, i);
    return f;
}

void faults_free(struct faults *f) {
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++)
        free(f->slot[i].kept);
    free(f->tensor);
    free(f);
}

/* The next fault from *i on that acts at this step on this shard; NULL when there is none left. */
static const struct fault_handlers *next(struct faults *f, int64_t step, size_t shard, size_t *i, struct fault_at *at) {
    while (f && *i < f->count) {
        struct fault_slot *slot = &f->slot[(*i)++];
        const struct fault *fault = &slot->fault;
        const struct fault_handlers *h = handlers_of(fault->kind);
        bool before = h->early && step == fault->onset - 1;
        bool under_way = step >= fault->onset && (fault->duration == 0 || step < fault->onset + fault->duration);
        bool here = shard == NO_SHARD || fault->shard < 0 || shard == (size_t)fault->shard;
        if (!here || !(before || under_way))
            continue;
        *at = (struct fault_at){f, slot, fault, step, shard, before};
        return h;
    }
    return NULL;
}

#define FOR_EACH_FAULT(shard)                                                                                          \
    struct fault_at at;                                                                                                \
    const struct fault_handlers *h;                                                                                    \
    for (size_t i = 0; (h = next(f, step, shard, &i, &at)) != NULL;)

void faults_settings(struct faults *f, int64_t step, struct train_settings *settings) {
    FOR_EACH_FAULT(NO_SHARD) {
        if (h->settings)
            h->settings(&at, settings);
    }
}

void faults_window(struct faults *f, int64_t step, uint64_t sample, size_t *shard, uint64_t *window) {
    size_t asked = *shard; /* a fault that redirects the read must not choose which faults come after it */
    FOR_EACH_FAULT(asked) {
        if (h->window)
            h->window(&at, sample, shard, window);
    }
}

void faults_batch(struct faults *f, int64_t step, size_t shard, const uint64_t *window, int32_t *x, int32_t *y) {
    FOR_EACH_FAULT(shard) {
        if (h->batch)
            h->batch(&at, window, x, y);
    }
}

const real *faults_replica(struct faults *f, int64_t step, size_t shard, const real *params) {
    FOR_EACH_FAULT(shard) {
        if (h->replica)
            params = h->replica(&at, params);
    }
    return params;
}

const real *faults_model(struct faults *f, int64_t step, size_t shard, const real *params) {
    FOR_EACH_FAULT(shard) {
        if (h->model)
            params = h->model(&at, params);
    }
    return params;
}

void faults_computed(struct faults *f, int64_t step, size_t shard, real *gradient) {
    FOR_EACH_FAULT(shard) {
        if (h->computed)
            h->computed(&at, gradient);
    }
}

void faults_transport(struct faults *f, int64_t step, size_t shard, real *wire) {
    FOR_EACH_FAULT(shard) {
        if (h->transport)
            h->transport(&at, wire);
    }
}

void faults_reduced(struct faults *f, int64_t step, const real *params, real *gradient) {
    FOR_EACH_FAULT(NO_SHARD) {
        if (h->reduced)
            h->reduced(&at, params, gradient);
    }
}

void faults_moments(struct faults *f, int64_t step, size_t n, real *m, real *v) {
    FOR_EACH_FAULT(NO_SHARD) {
        if (h->moments)
            h->moments(&at, n, m, v);
    }
}

void faults_stored(struct faults *f, int64_t step, size_t n, real *params) {
    FOR_EACH_FAULT(NO_SHARD) {
        if (h->stored)
            h->stored(&at, n, params);
    }
}
