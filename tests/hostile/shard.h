/* SPDX-License-Identifier: MIT */
/* A process that grades, with a canary, a victim and folders of its own. It becomes the parent of every orphan. */
#ifndef TESTS_HOSTILE_SHARD_H
#define TESTS_HOSTILE_SHARD_H

#include "tests/hostile/attempt.h"
#include "tests/hostile/canary.h"
#include "tests/hostile/hunt.h"

enum { SHARD_PACKS_MAX = 64 };

struct shard_honest { /* what honest loops reached last */
    const struct place *place;
    const struct spec *spec;
    double ratio;
};

struct shard {
    const struct hunt *hunt;
    char folder[CANARY_PATH], work[CANARY_PATH + 8], temporary[CANARY_PATH + 8];
    struct canary canary;
    struct victim victim;
    struct attempt *attempt, *honest;
    size_t mounts, honest_count;
    struct shard_honest honest_ratio[SHARD_PACKS_MAX];
};

/* Grades `path` once and looks at everything it should have left alone; what is wrong is added to cell->why. */
void shard_attempt(struct shard *shard, const struct place *place, const struct program *program, const char *path,
                   enum sandbox_level require, double timing_s, struct attempt *attempt, struct cell *cell);

#endif
