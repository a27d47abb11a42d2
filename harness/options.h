/* SPDX-License-Identifier: MIT */
/* The command line, read once. Options mean the same before and after the command. */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "grader/error.h"
#include "grader/grade.h"
#include "harness/screen.h"

enum options_action { OPTIONS_COMMAND, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_OVERVIEW };

struct command;

struct options {
    enum options_action action;
    const struct command *command; /* NULL with OPTIONS_VERSION, OPTIONS_OVERVIEW and the help about everything */
    enum screen_choice colour;
    char **folder; /* --challenges; points into argv */
    size_t folder_count;
    bool quiet, verbose, raw, no_timing;
    const char *json, *junit, *only_case, *challenge;
    bool seed_given, seed_secret; /* secret: it came from the environment and is never printed */
    uint64_t seed;
    unsigned threads;       /* 0: the challenge's */
    double timing_budget_s; /* 0: the default */
    bool update_example;
    const char *from; /* --from: the challenge that a new one begins as, or NULL */
    enum sandbox_level require, at_most;
    bool require_given;
    unsigned jobs;                /* --jobs; 0: the command's own */
    bool failed, exit_zero;       /* --failed, --exit-zero */
    bool github, classroom;       /* --github, --classroom */
    const char *shard, *shard_by; /* as given; batch/shard.h reads them */
    const char *results, *run_id; /* --results, --run-id */
    const char *csv, *points_csv, *markdown, *gradescope, *code_quality;
    const char *store; /* a file or postgresql://...; NULL: the user's own */
    bool no_store;
    const char *sign_key, *key;         /* files of keys: to sign with, to verify with */
    const char *engine, *slurm_options; /* --engine, --slurm */
    char **argument;                    /* points into argv */
    size_t argument_count;
};

/* Fails with one sentence that names what is wrong and, where one is near, what may have been meant. Whatever else is
 * wrong, -h anywhere asks for help. */
int options_parse(int argc, char **argv, struct options *options, struct error *err);
void options_release(struct options *options);

/* Help about a command, or about everything when it is NULL. */
void options_help(const struct command *command, FILE *out);
void options_overview(FILE *out);

#endif
