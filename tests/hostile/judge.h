/* SPDX-License-Identifier: MIT */
/* Is what came out what was promised? */
#ifndef TESTS_HOSTILE_JUDGE_H
#define TESTS_HOSTILE_JUDGE_H

#include "tests/hostile/shard.h"

/* Adds a sentence to cell->why. */
void judge_complain(struct cell *cell, const char *format, ...) __attribute__((format(printf, 2, 3)));

void judge_program(struct shard *shard, const struct place *place, const struct program *program, struct cell *cell);

/* Whoever demands one level more than the place has must get an error and no verdict. */
void judge_demand(struct shard *shard, const struct place *place, struct cell *cell);

#endif
