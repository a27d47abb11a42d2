/* SPDX-License-Identifier: MIT */
#include "datasets/telemetry_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/telemetry_row.h"
#include "reference/philox.h"
#include "reference/train.h"

enum {
    VOCAB = 32,
    TOKENS = 8000,    /* a shard's text */
    FIRST_ONSET = 40, /* after the warm-up */
    LAST_ONSET = 120,
    LEAST_SEEN = 20, /* steps that show the fault */
    ATTEMPTS = 40
};
enum { PURPOSE_SETTING = 0x5e77, PURPOSE_SECOND = 0x2d };

/* A run and the memory of it. The text is the same for both of a pair of twins. */
struct side {
    struct train *train;
    struct faults *faults;
    struct train_state state;
    real *storage; /* params, m, v */
};

struct setting {
    struct train_config config;
    struct corpus corpus;
    double loss_scale;
    uint64_t seed;
    struct fault fault[2];
    size_t faults;
};

const struct fault *run_family(int32_t number) {
    size_t count;
    const struct fault *list = faults_list(&count);
    for (size_t i = 0; i < count; i++)
        if (list[i].flags & FAULT_FAMILY && number-- == 0)
            return &list[i];
    return NULL;
}

int32_t run_family_number(const struct fault *fault) {
    int32_t number = 0;
    while (strcmp(run_family(number)->name, fault->name) != 0)
        number++;
    return number;
}

/* Uniform on [low, high], in steps of 2^-32. */
static double between(struct philox *draw, double low, double high) {
    return low + (high - low) * ((double)philox_next(draw) * 0x1p-32);
}

static struct train_config draw_config(struct philox *draw) {
    struct train_config config = train_defaults();
    config.dims = (struct gpt_dims){
        .vocab = VOCAB, .time = 16, .width = 16, .layers = RUN_GROUPS - 2, .heads = 2, .hidden = 64, .tied = true};
    config.shards = RUN_SHARDS;
    config.sequences = 2;
    config.schedule.warmup = 16 + (int64_t)philox_below(draw, 17);
    config.schedule.decay_steps = RUN_STEPS + (int64_t)philox_below(draw, 81);
    config.schedule.peak = between(draw, .012, .018);
    config.schedule.minimum = config.schedule.peak / 10;
    return config;
}

static struct setting draw_setting(const struct run_plan *plan, uint64_t seed) {
    struct philox draw = philox_stream(seed, 0, PURPOSE_SETTING);
    struct setting s = {.config = draw_config(&draw), .loss_scale = 1, .seed = seed};
    s.corpus = (struct corpus){.seed = seed, .vocab = VOCAB};
    s.fault[0] = faults_place(plan->fault[0], seed, FIRST_ONSET, LAST_ONSET, &s.config);
    if (plan->amplitude != 0)
        s.fault[0].amplitude = plan->amplitude;
    if (plan->duration != 0)
        s.fault[0].duration = plan->duration;
    s.faults = plan->fault[1] ? 2 : 1;
    if (s.faults == 2) {
        int64_t later = s.fault[0].onset + 10;
        s.fault[1] = faults_place(plan->fault[1], seed ^ PURPOSE_SECOND, later, later + 20, &s.config);
    }
    for (size_t i = 0; i < s.faults; i++)
        faults_prepare(&s.fault[i], &s.config, &s.corpus, &s.loss_scale);
    if (s.config.fp16) {
        s.config.growth_interval = 12 + (int64_t)philox_below(&draw, 9);
        s.loss_scale = (double)(UINT32_C(1) << (14 + philox_below(&draw, 3)));
    }
    return s;
}

static void close_side(struct side *side) {
    faults_free(side->faults);
    train_free(side->train);
    free(side->storage);
}

static int open_side(struct side *side, const struct setting *s, const struct train_data *data, size_t faults) {
    size_t n = gpt_parameter_count(&s->config.dims);
    *side = (struct side){
        .train = train_new(&s->config, data),
        .faults = faults_new(s->fault, faults, &s->config, data),
        .storage = calloc(3 * n, sizeof(real)),
    };
    if (!side->train || !side->faults || !side->storage) {
        close_side(side);
        return -1;
    }
    side->state = (struct train_state){.params = side->storage, .m = side->storage + n, .v = side->storage + 2 * n};
    train_init(&s->config.dims, s->seed, side->state.params);
    train_start(&s->config, s->loss_scale, &side->state);
    return 0;
}

/* Runs both until they part, then the faulty one alone. Returns the first step at which they differ, or -1; *skips
 * counts the overflows that were skipped. */
static int32_t run_twins(struct side *faulty, struct side *twin, struct run_row *row, int *skips) {
    int32_t first = -1;
    *skips = 0;
    for (int32_t step = 0; step < RUN_STEPS; step++) {
        struct step_record record, other;
        train_step(faulty->train, &faulty->state, faulty->faults, &record);
        *skips += record.skipped;
        row_store(&record, row, step);
        if (first >= 0 || !twin)
            continue;
        train_step(twin->train, &twin->state, twin->faults, &other);
        if (row_records_differ(&record, &other))
            first = step;
    }
    return first;
}

static int run_once(const struct setting *s, struct run_row *row, int32_t *first, int *skips) {
    const struct train_config *c = &s->config;
    bool healthy = s->fault[0].class == FAULT_NONE;
    struct side faulty, twin;
    int result = -1;
    uint8_t *text = malloc(c->shards * TOKENS);
    if (!text)
        return -1;
    struct train_data data = {text, TOKENS};
    for (size_t shard = 0; shard < c->shards; shard++)
        corpus_make(&s->corpus, (uint32_t)shard, TOKENS, text + shard * TOKENS, NULL);
    if (open_side(&faulty, s, &data, s->faults) != 0)
        goto out;
    if (healthy || open_side(&twin, s, &data, 0) == 0) {
        *first = run_twins(&faulty, healthy ? NULL : &twin, row, skips);
        if (!healthy)
            close_side(&twin);
        result = 0;
    }
    close_side(&faulty);
out:
    free(text);
    return result;
}

static void store_label(const struct run_plan *plan, const struct setting *s, int32_t first, int32_t *label) {
    const struct fault *fault = &s->fault[0];
    bool healthy = fault->class == FAULT_NONE;
    label[LABEL_CAUSE] = (int32_t)fault->class;
    label[LABEL_FAMILY] = run_family_number(fault);
    label[LABEL_FIRST_STEP] = first;
    label[LABEL_ONSET] = healthy ? -1 : (int32_t)fault->onset;
    label[LABEL_SHARD] = fault->shard;
    label[LABEL_GROUP] = fault->group;
    label[LABEL_FP16] = s->config.fp16;
    label[LABEL_TIER] = (int32_t)plan->tier;
}

int run_make(const struct run_plan *plan, struct run_row *row, const char **why) {
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct setting s = draw_setting(plan, plan->seed + attempt);
        bool healthy = s.fault[0].class == FAULT_NONE;
        int32_t first = -1;
        int skips = 0;
        if (run_once(&s, row, &first, &skips) != 0) {
            *why = "there is no memory for a run";
            return -1;
        }
        bool shown = healthy ? !s.config.fp16 || skips > 0 : first >= 0 && first <= RUN_STEPS - LEAST_SEEN;
        if (shown) {
            store_label(plan, &s, first, row->label);
            return 0;
        }
    }
    *why = "no seed makes the fault visible";
    return -1;
}
