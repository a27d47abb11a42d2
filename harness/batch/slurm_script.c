/* SPDX-License-Identifier: MIT */
/* See slurm_script.h. */
#include "harness/batch/slurm_script.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/heap.h"

/* A word that the shell takes as it is, whatever bytes it holds. */
static void put_quoted(FILE *out, const char *text) {
    fputc('\'', out);
    for (; *text != '\0'; text++)
        fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, out);
    fputc('\'', out);
}

static int put_path(FILE *out, const char *path, struct error *err) {
    char whole[PATH_MAX];
    if (realpath(path, whole) == NULL)
        return error_set(err, ERROR_USER, "cannot find %s: %s.", path, strerror(errno));
    fputc(' ', out);
    put_quoted(out, whole);
    return 0;
}

static int put_path_option(FILE *out, const char *option, const char *path, struct error *err) {
    if (path == NULL)
        return 0;
    fprintf(out, " %s", option);
    return put_path(out, path, err);
}

static void put_text_option(FILE *out, const char *option, const char *text) {
    if (text == NULL)
        return;
    fprintf(out, " %s ", option);
    put_quoted(out, text);
}

/* A queue starts its jobs with an environment of its own; these are what a grading looks at. HARNESS_SEED is not among
 * them: the script lies where others may read it. */
static void put_environment(FILE *out) {
    static const char *const NAME[] = {"PATH",       "HOME",           "LANG",        "LC_ALL",
                                       "HARNESS_CC", "XDG_CACHE_HOME", "HARNESS_PATH"};
    for (size_t i = 0; i < sizeof NAME / sizeof NAME[0]; i++) {
        const char *value = getenv(NAME[i]);
        if (value == NULL)
            continue;
        fprintf(out, "%s=", NAME[i]);
        put_quoted(out, value);
        fprintf(out, "\nexport %s\n", NAME[i]);
    }
}

static int put_options(FILE *out, const struct options *options, struct error *err) {
    for (size_t i = 0; i < options->folder_count; i++)
        if (put_path_option(out, "--challenges", options->folder[i], err) != 0)
            return -1;
    put_text_option(out, "--challenge", options->challenge);
    if (options->no_timing)
        fputs(" --no-timing", out);
    if (options->threads != 0)
        fprintf(out, " --threads %u", options->threads);
    if (options->jobs != 0)
        fprintf(out, " --jobs %u", options->jobs);
    if (options->timing_budget_s > 0)
        fprintf(out, " --timing-budget %.17g", options->timing_budget_s);
    if (options->require_given)
        fprintf(out, " --require-sandbox %c", 'A' + (int)options->require);
    if (options->at_most != SANDBOX_A)
        fprintf(out, " --sandbox-at-most %c", 'A' + (int)options->at_most);
    /* The variable does not travel with the job; without the key the results would come back unsigned. */
    const char *key = options->sign_key != NULL ? options->sign_key : getenv("HARNESS_SIGN_KEY_FILE");
    return put_path_option(out, "--sign-key", key != NULL && key[0] != '\0' ? key : NULL, err);
}

char *slurm_script(const struct crew_work *work, unsigned elements, struct error *err) {
    const struct options *options = work->options;
    struct heap_text into;
    heap_text_open(&into);
    FILE *out = into.stream;
    fputs("#!/bin/sh\n# Written by `harness grade --engine slurm`: each element of the array grades its shard.\n", out);
    put_environment(out);
    fputs("exec", out);
    int status = put_path(out, "/proc/self/exe", err);
    fprintf(out, " grade --shard \"$SLURM_ARRAY_TASK_ID/%u\" --no-store --quiet --exit-zero", elements);
    if (status == 0)
        status = put_path_option(out, "--results", work->results, err);
    put_text_option(out, "--run-id", work->options->run_id);
    if (status == 0)
        status = put_options(out, options, err);
    fputs(" --", out);
    for (size_t i = 0; status == 0 && i < options->argument_count; i++)
        status = put_path(out, options->argument[i], err);
    fputc('\n', out);
    char *text = heap_text_take(&into, NULL);
    if (status == 0)
        return text;
    free(text);
    return NULL;
}
