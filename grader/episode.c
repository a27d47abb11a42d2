/* SPDX-License-Identifier: MIT */
#include "grader/episode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static bool is_carried(const struct episode *episode, size_t a) {
    return episode->full->entry->argument[a].carry < SPEC_ARGUMENTS_MAX;
}

/* Inputs of every kind: what a generator may rewrite. */
static bool has_contents(const struct tensor *tensor) {
    return spec_role_is_filled(tensor->role) && tensor->bytes > 0;
}

/* The largest copy of argument a that any stage needs; 0 if it can always be looked at in place. */
static size_t copy_bytes(const struct episode *episode, size_t a) {
    const struct spec_case *c = episode->full->c;
    size_t most = 0;

    for (size_t k = 0; k < c->stage_count; k++) {
        struct trial view;

        trial_stage(episode->full, k, &view);
        if (!has_contents(&view.tensor[a]) || (c->stage[k].generate == NULL && (k == 0 || !is_carried(episode, a))))
            continue;
        most = view.tensor[a].bytes > most ? view.tensor[a].bytes : most;
    }
    return (most + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int episode_open(struct episode *episode, const struct trial *full, struct error *err) {
    size_t bytes = 0, offset[SPEC_ARGUMENTS_MAX];

    *episode = (struct episode){.full = full};
    for (size_t a = 0; a < full->tensor_count; a++) {
        offset[a] = bytes;
        bytes += copy_bytes(episode, a);
    }
    if (bytes == 0)
        return 0;
    episode->storage = aligned_alloc(ALIGNMENT, bytes);
    if (episode->storage == NULL)
        return error_errno(err, "no memory for the %zu bytes that stages of case '%s' are handed", bytes,
                           full->c->name);
    for (size_t a = 0; a < full->tensor_count; a++)
        episode->own[a] = (unsigned char *)episode->storage + offset[a];
    return 0;
}

void episode_enter(struct episode *episode, size_t k, const void *const *before) {
    struct trial *now = &episode->now;

    if (episode->full->c->stage_count == 0) {
        assert(k == 0);
        *now = *episode->full;
        now->storage = NULL;
        now->storage_bytes = 0;
        return;
    }
    trial_stage(episode->full, k, now);
    for (size_t a = 0; a < now->tensor_count; a++) {
        struct tensor *tensor = &now->tensor[a];
        const bool carried = k > 0 && is_carried(episode, a);

        if (!has_contents(tensor) || (!carried && now->c->generate == NULL))
            continue;
        memcpy(episode->own[a], carried ? before[episode->full->entry->argument[a].carry] : tensor->data,
               tensor->bytes);
        tensor->data = episode->own[a];
    }
}

void episode_release(struct episode *episode) {
    free(episode->storage);
    *episode = (struct episode){0};
}
