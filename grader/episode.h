/* SPDX-License-Identifier: MIT */
/* [episode]: the calls of one case, one after the other. A case without stages is an episode of one call.
 *
 * The arrays of a stage are the trial's own, but for what no trial of the whole case can hold: a carried input is what
 * the stage before gave, and where a stage has a generator that may rewrite its inputs, it gets copies. */
#ifndef GRADER_EPISODE_H
#define GRADER_EPISODE_H

#include "grader/trial.h"

struct episode {
    const struct trial *full; /* of the whole case; borrowed */
    struct trial now;         /* the present call; owns nothing */
    void *own[SPEC_ARGUMENTS_MAX];
    void *storage;
};

int episode_open(struct episode *episode, const struct trial *full, struct error *err);

/* Moves on to call k. before[a], by argument, is what the call before gave for output a, in the argument's own type; it
 * is read for carried outputs only, and not for the first call. The generator of a stage is not run here. */
void episode_enter(struct episode *episode, size_t k, const void *const *before);

void episode_release(struct episode *episode);

#endif
