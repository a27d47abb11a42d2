/* SPDX-License-Identifier: MIT */
/* See slurm.h. */
#include "harness/batch/slurm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/batch/process.h"
#include "harness/heap.h"

enum { CLIENT_SECONDS = 60, ASK_SECONDS = 15, ARRAY_MOST = 1000, NOT_FOUND = 127 };

static void first_line(char *text) {
    text[strcspn(text, "\n")] = '\0';
}

/* A client that is not there, or that says no, in one sentence with its own words. */
static int refused(const char *client, int status, struct process_output *output, struct error *err) {
    first_line(output->err);
    if (status == NOT_FOUND)
        error_set(err, ERROR_USER,
                  "there is no %s on this machine: --engine slurm needs Slurm's clients (Debian: "
                  "slurm-client).",
                  client);
    else
        error_set(err, ERROR_HARNESS, "%s failed with status %d: %s.", client, status,
                  output->err[0] != '\0' ? output->err : "it says nothing");
    return -1;
}

static void release(struct process_output *output) {
    free(output->out);
    free(output->err);
}

int slurm_array_most(unsigned *most, struct error *err) {
    char *word[] = {"scontrol", "show", "config", NULL};
    struct process_output output = {0};
    const int status = process_run(word, CLIENT_SECONDS, &output, err);
    *most = ARRAY_MOST;
    if (status < 0)
        return -1;
    int result = status == 0 ? 0 : refused("scontrol", status, &output, err);
    const char *line = status == 0 ? strstr(output.out, "MaxArraySize") : NULL;
    unsigned size;
    /* The largest index is one less than the size. */
    if (line != NULL && sscanf(line, "MaxArraySize = %u", &size) == 1 && size > 1)
        *most = size - 1;
    release(&output);
    return result;
}

int slurm_words(const char *text, char ***word, size_t *count, struct error *err) {
    text += strspn(text, " \t"); /* so that the first word begins where the copy does */
    char *copy = heap_copy(text, strlen(text)), *rest = copy, *next;
    *word = heap_zeroed(strlen(text) / 2 + 2, sizeof **word);
    *count = 0;
    while ((next = strtok_r(rest, " \t", &rest)) != NULL) {
        if (strncmp(next, "--", 2) != 0 || strcmp(next, "--") == 0) {
            error_set(err, ERROR_USER,
                      "--slurm takes sbatch's long options with `=' only (--partition=short); '%s' is "
                      "none.",
                      next);
            free(copy);
            free(*word);
            *word = NULL;
            return -1;
        }
        (*word)[(*count)++] = next;
    }
    if (*count == 0)
        free(copy);
    return 0;
}

/* In names of logs sbatch replaces what stands behind a '%'. The caller frees. */
static char *log_pattern(const char *folder) {
    struct heap_text into;
    heap_text_open(&into);
    for (const char *at = folder; *at != '\0'; at++)
        fputs(*at == '%' ? "%%" : (char[]){*at, '\0'}, into.stream);
    fputs("/%a.log", into.stream);
    return heap_text_take(&into, NULL);
}

int slurm_submit(const struct slurm_job *job, const char *elements, struct error *err) {
    enum { FIXED = 16 };
    char **more = NULL, *own[FIXED];
    size_t more_count = 0, n = 0;
    if (job->options != NULL && slurm_words(job->options, &more, &more_count, err) != 0)
        return -1;
    own[n++] = heap_format("sbatch");
    own[n++] = heap_format("--parsable");
    own[n++] = heap_format("--job-name=%s", job->name);
    own[n++] = heap_format("--array=%s", elements);
    own[n++] = heap_format("--requeue");
    own[n++] = heap_format("--open-mode=append");
    own[n++] = heap_format("--ntasks=1");
    own[n++] = heap_format("--time=%u", job->minutes);
    own[n++] = heap_format("--signal=B:TERM@60");
    own[n++] = heap_format("--chdir=/");
    char *log = log_pattern(job->log);
    own[n++] = heap_format("--output=%s", log);
    own[n++] = heap_format("--error=%s", log);
    free(log);
    own[n++] = heap_format("--export=NIL");
    if (job->exclusive)
        own[n++] = heap_format("--exclusive");
    char **word = heap_zeroed(n + more_count + 2, sizeof *word);
    memcpy(word, own, n * sizeof *word);
    if (more_count > 0)
        memcpy(word + n, more, more_count * sizeof *word);
    word[n + more_count] = (char *)job->script;
    struct process_output output = {0};
    int status = process_run(word, CLIENT_SECONDS, &output, err);
    if (status > 0)
        status = refused("sbatch", status, &output, err);
    release(&output);
    for (size_t i = 0; i < n; i++)
        free(own[i]);
    if (more_count > 0)
        free(more[0]);
    free(more);
    free(word);
    return status;
}

/* Reasons that no waiting ends: nodes that are gone or drained, and jobs that somebody holds. */
static bool reason_is_final(const char *reason) {
    static const char *const WORD[] = {"DOWN", "DRAIN", "ReqNodeNotAvail", "JobHeld", "launch failed", "Invalid"};
    for (size_t i = 0; i < sizeof WORD / sizeof WORD[0]; i++)
        if (strcasestr(reason, WORD[i]) != NULL)
            return true;
    return false;
}

void slurm_read_line(const char *line, struct slurm_queue *queue) {
    /* A state that is not known here may be one of a newer Slurm: it counts as alive. */
    static const char *const OVER[] = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE",      "FAILED",
                                       "NODE_FAIL", "PREEMPTED", "REVOKED",   "OUT_OF_MEMORY", "TIMEOUT"};
    const size_t state = strcspn(line, "|");
    if (state == 0 || line[state] == '\0')
        return;
    for (size_t i = 0; i < sizeof OVER / sizeof OVER[0]; i++)
        if (strlen(OVER[i]) == state && strncmp(line, OVER[i], state) == 0)
            return;
    queue->alive++;
    if (strncmp(line, "PENDING", state) == 0 && reason_is_final(line + state + 1)) {
        queue->stuck++;
        snprintf(queue->reason, sizeof queue->reason, "%s", line + state + 1);
    }
}

/* By name: asked by number, squeue says the same of a job that is forgotten and of a controller that is gone. */
int slurm_ask(const char *name, struct slurm_queue *queue, struct error *err) {
    char *by_name = heap_format("--name=%s", name);
    char *word[] = {"squeue", "-h", "-r", "--me", by_name, "-o", "%T|%r", NULL};
    struct process_output output = {0};
    const int status = process_run(word, ASK_SECONDS, &output, err);
    *queue = (struct slurm_queue){.reachable = status == 0};
    free(by_name);
    if (status < 0)
        return -1;
    char *rest = output.out, *line;
    while (status == 0 && (line = strtok_r(rest, "\n", &rest)) != NULL)
        slurm_read_line(line, queue);
    const int result = status == NOT_FOUND ? refused("squeue", status, &output, err) : 0;
    release(&output);
    return result;
}

int slurm_cancel(const char *name, struct error *err) {
    char *by_name = heap_format("--name=%s", name);
    char *word[] = {"scancel", "--me", by_name, NULL};
    struct process_output output = {0};
    int status = process_run(word, CLIENT_SECONDS, &output, err);
    if (status > 0 && refused("scancel", status, &output, err) != 0) {
        char *text = heap_copy(err->text, strlen(err->text) - 1); /* without the full stop */
        status = error_set(err, err->owner,
                           "%s; what is in the queue goes on, end it with `scancel --me --name=%s' when Slurm answers.",
                           text, name);
        free(text);
    }
    release(&output);
    free(by_name);
    return status;
}

char *slurm_elements(const bool *has, size_t count) {
    struct heap_text into;
    heap_text_open(&into);
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        size_t last = i;
        if (!has[i])
            continue;
        while (last + 1 < count && has[last + 1])
            last++;
        fprintf(into.stream, last > i ? "%s%zu-%zu" : "%s%zu", first ? "" : ",", i + 1, last + 1);
        first = false;
        i = last;
    }
    return heap_text_take(&into, NULL);
}
