/* SPDX-License-Identifier: MIT */
/* The reference walks through a case of several stages. Each of its three runs (float64, and the two float32
 * algorithms) is fed what it gave itself: the format of a carried array may be free, so nobody else need be able to
 * read it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/episode.h"
#include "grader/oracle_private.h"

/* What is carried from one stage to the next, by output. */
struct luggage {
    void *raw[SPEC_ARGUMENTS_MAX];          /* as the worker left it: float64 for float32 on the wide side */
    const void *before[SPEC_ARGUMENTS_MAX]; /* in the argument's own type */
};

static int luggage_open(struct luggage *luggage, const struct trial *full, struct error *err) {
    *luggage = (struct luggage){{0}, {0}};
    for (size_t a = 0; a < full->tensor_count; a++) {
        const size_t from = full->entry->argument[a].carry;
        if (from >= SPEC_ARGUMENTS_MAX || luggage->raw[from] != NULL)
            continue;
        const size_t count = (size_t)full->tensor[from].count + 1;
        double *room = calloc(2 * count, sizeof *room);
        if (room == NULL)
            return error_errno(err, "cannot carry %s of case '%s'", full->tensor[from].name, full->c->name);
        luggage->raw[from] = room;
        luggage->before[from] = room + count;
    }
    return 0;
}

static void luggage_release(struct luggage *luggage) {
    for (size_t a = 0; a < SPEC_ARGUMENTS_MAX; a++)
        free(luggage->raw[a]);
}

static void luggage_pack(struct luggage *luggage, const struct trial *call, const struct layout *layout,
                         const struct arena *arena) {
    for (size_t a = 0; a < call->tensor_count; a++) {
        const struct place *place = &layout->place[a];
        const struct tensor *tensor = &call->tensor[a];
        void *own = (void *)luggage->before[a];
        if (luggage->raw[a] == NULL)
            continue;
        memcpy(luggage->raw[a], layout_data(layout, arena, a, 0), place->bytes);
        if (place->type == tensor->type)
            memcpy(own, luggage->raw[a], tensor->bytes);
        else
            for (int64_t i = 0; i < tensor->count; i++)
                dtype_store(tensor->type, own, (size_t)i, ((const double *)luggage->raw[a])[i]);
    }
}

/* The oracle's own numbers are not rounded on their way, unless a generator has had them in its hands. */
static void luggage_unpack(const struct luggage *luggage, const struct trial *call, const struct layout *layout,
                           const struct arena *arena) {
    for (size_t a = 0; a < call->tensor_count; a++) {
        const struct place *place = &layout->place[a];
        const size_t from = call->entry->argument[a].carry;
        if (from < SPEC_ARGUMENTS_MAX && place->type != call->tensor[a].type && place->bytes > 0)
            memcpy(layout_data(layout, arena, a, 0), luggage->raw[from], place->bytes);
    }
}

/* Says in which stage it was. */
static int blame_stage(size_t k, size_t stages, struct error *err) {
    const size_t length = strlen(err->text);
    if (err->owner == ERROR_CHALLENGE)
        snprintf(err->text + length, sizeof err->text - length, " (stage %zu of %zu)", k + 1, stages);
    return -1;
}

static int make_call(const struct oracle_walk *walk, struct episode *episode, size_t k, struct luggage *luggage,
                     struct error *err) {
    struct oracle_side *side = &walk->oracle->side[walk->which];
    const struct arena arena = {&side->inputs, &side->outputs};
    struct layout layout;
    struct trial *now = &episode->now;
    episode_enter(episode, k, luggage->before);
    if (oracle_generate(walk->oracle, now, err) != 0)
        return -1;
    oracle_put_inputs(walk->oracle, walk->which, now, 0, &layout);
    if (k > 0 && now->c->generate == NULL)
        luggage_unpack(luggage, now, &layout, &arena);
    layout_poison_outputs(&layout, &arena, now, POISON_KEY, 0);
    if (oracle_call_in_place(walk->oracle, walk->which, walk->function, now, &layout, err) != 0)
        return -1;
    if (walk->spoiler != NULL) {
        const size_t a = walk->spoiler->argument;
        walk->spoiler->spoil(walk->spoiler->context, now, layout_data(&layout, &arena, a, 0));
    }
    luggage_pack(luggage, now, &layout, &arena);
    return walk->take(walk->context, k, now, &layout, &arena, err);
}

int oracle_walk_stages(const struct oracle_walk *walk, const struct trial *full, struct error *err) {
    struct episode episode;
    struct luggage luggage;
    const size_t stages = full->c->stage_count;
    int status = luggage_open(&luggage, full, err);
    if (status != 0 || episode_open(&episode, full, err) != 0) {
        luggage_release(&luggage);
        return -1;
    }
    for (size_t k = 0; k < stages && status == 0; k++)
        if (make_call(walk, &episode, k, &luggage, err) != 0)
            status = blame_stage(k, stages, err);
    episode_release(&episode);
    luggage_release(&luggage);
    return status;
}

/* The outputs of all stages, in the arguments' own types. */
struct collection {
    size_t bytes[SPEC_ARGUMENTS_MAX]; /* of one stage as long as the whole */
    unsigned char *array[SPEC_ARGUMENTS_MAX];
};

static int collect(void *context, size_t stage, const struct trial *call, const struct layout *layout,
                   const struct arena *arena, struct error *err) {
    const struct collection *to = context;
    (void)err;
    for (size_t a = 0; a < call->tensor_count; a++)
        if (to->array[a] != NULL)
            memcpy(to->array[a] + stage * to->bytes[a], layout_data(layout, arena, a, 0), call->tensor[a].bytes);
    return 0;
}

int oracle_collect_stages(struct oracle *oracle, size_t function, const struct trial *full,
                          const struct oracle_spoiler *spoiler, const void **got, void **storage, struct error *err) {
    enum { ALIGNMENT = 16 };
    const size_t stages = full->c->stage_count;
    struct collection to = {{0}, {NULL}};
    const struct oracle_walk walk = {.oracle = oracle,
                                     .which = SIDE_NARROW,
                                     .function = function,
                                     .take = collect,
                                     .context = &to,
                                     .spoiler = spoiler};
    size_t offset[SPEC_ARGUMENTS_MAX], bytes = 1;
    for (size_t a = 0; a < full->tensor_count; a++) {
        const struct tensor *tensor = &full->tensor[a];
        offset[a] = bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        to.bytes[a] = tensor->bytes;
        bytes += spec_role_is_output(tensor->role) ? stages * tensor->bytes : 0;
    }
    unsigned char *room = *storage = calloc(bytes, 1);
    if (room == NULL)
        return error_errno(err, "cannot collect what the stages of case '%s' give", full->c->name);
    for (size_t a = 0; a < full->tensor_count; a++)
        if (spec_role_is_output(full->tensor[a].role))
            got[a] = to.array[a] = room + offset[a];
    return oracle_walk_stages(&walk, full, err);
}

int oracle_follow(struct oracle *oracle, const struct trial *trial, const struct oracle_spoiler *spoiler,
                  const void **got, void **storage, struct error *err) {
    const size_t function = stub_reference_index(trial->c->entry);
    return oracle_collect_stages(oracle, function, trial, spoiler, got, storage, err);
}
