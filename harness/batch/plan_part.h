/* SPDX-License-Identifier: MIT */
/* Inside the making of a plan: the hashes of inputs, and the file that remembers a run. */
#ifndef HARNESS_PLAN_PART_H
#define HARNESS_PLAN_PART_H

#include "grader/json.h"
#include "harness/batch/plan.h"

/* The options that can change a verdict, in one line: "no-timing threads=2 ...". The caller frees. */
char *plan_options(const struct options *options);

/* Fills in plan->task, their inputs and plan->list; the commitment has to be there already. */
void plan_make_tasks(const struct submissions *list, const char *options, struct plan *plan);

/* What RESULTS/run.json remembers beside the plan. */
struct plan_file {
    char *run, *harness, *options, *list, *commitment;
    uint64_t seed;
    bool seed_secret, named; /* named: the id was given */
    size_t count;
    char **task, **inputs;
};

/* Reads a file of a run, which may be far larger than a spec, and its list of tasks. The texts and both lists are the
 * caller's, also after a failure. */
int plan_read_json(const char *path, struct json_file *json, struct error *err);
int plan_read_tasks(const struct json_place *root, size_t *count, char ***task, char ***inputs, struct error *err);

/* 1 it is there, 0 there is none, -1 error. */
int plan_file_read(const char *results, struct plan_file *file, struct error *err);
void plan_file_release(struct plan_file *file);

/* 1 written, 0 another was first, -1 error. */
int plan_file_write(const char *results, const struct plan *plan, const char *options, bool named, struct error *err);

/* ERROR_USER with a sentence about the first difference, 0 when it is the same run. */
int plan_file_compare(const char *results, const struct plan_file *file, const struct plan *plan,
                      const struct options *options, const char *words, struct error *err);

#endif
