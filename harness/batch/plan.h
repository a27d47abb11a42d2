/* SPDX-License-Identifier: MIT */
/* What one run is: its tasks, its options, and how it is divided.
 *
 * A run is written down once, in RESULTS/run.json (harness-run/1, mode 0600 since it holds the seed), through link(2):
 * of several shards that start at the same moment in one shared folder one writes it and the others read it. Shards in
 * folders of their own get the same run if they get the same submissions, options and seed (HARNESS_SEED); a merge
 * refuses anything else. */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/batch/submission.h"
#include "harness/options.h"

struct shard {
    unsigned index, count; /* 1 <= index <= count; 1/1 is everything */
    bool by_hash;
};

/* "3/8". Anything else, "/" of two empty variables above all, is ERROR_USER. `by` is slice, hash or NULL. */
int shard_parse(const char *text, const char *by, struct shard *shard, struct error *err);

/* Depends on the sorted list of tasks alone. `position` is the place in it. */
bool shard_has(const struct shard *shard, size_t position, const char *task);

struct plan_task {
    char *task, *person, *challenge, *shown;
    char inputs[65];   /* hash over the submission, the challenge's files and the options that can change a verdict */
    size_t submission; /* index into the list that it was made from */
};

struct plan {
    char *run;           /* the run's id: --run-id, else 16 hex digits made of the seed and of all inputs */
    char commitment[65]; /* slow hash of the seed: equal for shards of one run, and says nothing about it */
    char list[65];       /* hash of the whole list of tasks and their inputs */
    uint64_t seed;
    bool seed_secret; /* unless it was given on the command line */
    struct shard shard;
    size_t count;
    struct plan_task *task; /* all of the run, whatever the shard is */
};

/* Makes the plan, or takes what RESULTS/run.json says; `results` may be NULL (nothing is kept). It is ERROR_USER when
 * the folder holds another run: the sentence says what differs (submissions, options, seed, run id) and what to do. */
int plan_open(const struct submissions *list, const struct options *options, const char *results, struct plan *plan,
              struct error *err);
void plan_release(struct plan *plan); /* fine on zeros */

/* RESULTS/shard-I-of-N.json: run, I, N, hash of the whole list of tasks, and its own tasks. */
int plan_write_manifest(const struct plan *plan, const char *results, struct error *err);

/* The run's id that belongs to a commitment and a list, so that a merge can tell a manifest that was cut short. */
enum { PLAN_ID = 17 };
void plan_id(const char *commitment, const char *list, char id[PLAN_ID]);

/* Hash of a list of tasks in their order. */
struct plan_list_hash {
    unsigned char state[512] __attribute__((aligned(64)));
};
void plan_list_begin(struct plan_list_hash *hash);
void plan_list_add(struct plan_list_hash *hash, const char *task, const char *inputs);
void plan_list_end(struct plan_list_hash *hash, char text[65]);

#endif
