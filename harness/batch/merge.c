/* SPDX-License-Identifier: MIT */
/* See merge.h. The manifests say which tasks there have to be; then every file in every folder is looked at, so that
 * nothing that lies there is silently left out. */
#include "harness/batch/merge.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/batch/manifest.h"
#include "harness/heap.h"
#include "harness/result/sign.h"

struct merge {
    struct merged *merged;
    const unsigned char *key;
    struct manifests manifests;
    struct manifest_task *task; /* sorted, as merged->file will be */
    size_t seen;
};

/* "gita~attention-causal.json" is the file of "gita/attention-causal". The caller frees. */
static char *task_of(const char *name) {
    char *task = heap_copy(name, strlen(name) - strlen(".json"));
    for (char *at = task; *at != '\0'; at++)
        if (*at == '~')
            *at = '/';
    return task;
}

static int by_name(const void *key, const void *item) {
    return strcmp(key, ((const struct manifest_task *)item)->task);
}

static int is_result(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".json") == 0;
}

static int stranger(const char *path, const char *task, struct error *err) {
    return error_set(err, ERROR_USER,
                     "'%s' is a result of '%.160s', which is no task of this run; every run needs a folder of its own.",
                     path, task);
}

/* The file says itself what it is a result of; its name alone counts for nothing. */
static int check(const struct merge *merge, const struct manifest_task *task, const struct record *record,
                 const char *path, struct error *err) {
    if (strcmp(record->run, merge->manifests.item[0].run) != 0)
        return error_set(err, ERROR_USER, "'%s' is a result of the run '%.64s', not of '%s'.", path, record->run,
                         merge->manifests.item[0].run);
    if (strcmp(record->task, task->task) != 0)
        return error_set(err, ERROR_USER, "'%s' is a result of '%.160s', although its name says '%s'.", path,
                         record->task, task->task);
    if (strcmp(record->inputs, task->inputs) != 0)
        return error_set(err, ERROR_USER,
                         "'%s' was made from another submission, challenge or options than this run has; grade it "
                         "again.",
                         path);
    return 0;
}

/* A signature by somebody is not enough where it is known whose it has to be. */
static int check_key(const struct merge *merge, const struct record *record, const char *path, struct error *err) {
    char by[SIGN_KEY_TEXT];
    if (merge->key == NULL || sign_check(record->text, record->size, merge->key, by) == SIGN_GOOD)
        return 0;
    return error_set(err, ERROR_USER, "'%s' is %s the key of --key.", path,
                     record->key[0] != '\0' ? "signed by another than" : "not signed, and so not by");
}

/* One file for each task, or the same one twice. */
static int keep(struct merge *merge, size_t place, const struct record *record, const char *path, struct error *err) {
    struct merged_file *file = &merge->merged->file[place];
    unsigned char hash[MERGED_HASH];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)record->text, record->size, NULL, 0);
    if (file->path == NULL) {
        file->path = heap_copy(path, strlen(path));
        memcpy(file->hash, hash, sizeof hash);
        merge->seen++;
        return 0;
    }
    if (memcmp(file->hash, hash, sizeof hash) == 0)
        return 0;
    return error_set(
        err, ERROR_USER,
        "there are two different results of '%s', '%s' and '%s'; leave out the folder that does not count.",
        record->task, file->path, path);
}

static int take_file(struct merge *merge, const char *path, const char *name, struct error *err) {
    struct record record = {0};
    char *task = task_of(name);
    const struct manifest_task *found =
        merge->merged->count > 0 ? bsearch(task, merge->task, merge->merged->count, sizeof merge->task[0], by_name)
                                 : NULL;
    int status = found == NULL ? stranger(path, task, err) : record_read(path, &record, err);
    free(task);
    if (status == 0)
        status = check(merge, found, &record, path, err);
    if (status == 0)
        status = check_key(merge, &record, path, err);
    if (status == 0)
        status = keep(merge, (size_t)(found - merge->task), &record, path, err);
    record_release(&record);
    return status;
}

static int take_folder(struct merge *merge, const char *folder, struct error *err) {
    char *results = heap_format("%s/results", folder);
    struct dirent **entry = NULL;
    int count = scandir(results, &entry, is_result, alphasort), status = 0;
    if (count < 0 && errno != ENOENT)
        status = error_set(err, ERROR_USER, "cannot read the folder '%s': %s.", results, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *path = heap_format("%s/%s", results, entry[i]->d_name);
        if (status == 0)
            status = take_file(merge, path, entry[i]->d_name, err);
        free(path);
        free(entry[i]);
    }
    free(entry);
    free(results);
    return status;
}

static int all_there(const struct merge *merge, struct error *err) {
    const size_t count = merge->merged->count, lost = count - merge->seen;
    for (size_t i = 0; i < count && lost > 0; i++) {
        if (merge->merged->file[i].path != NULL)
            continue;
        const struct manifest *from = merge->task[i].from;
        return error_set(err, ERROR_USER,
                         "%zu of %zu results are not there, the first is that of '%.160s' in shard %zu/%zu; grade that "
                         "shard again, what is there will be kept.",
                         lost, count, merge->task[i].task, from->index, from->shards);
    }
    return 0;
}

/* What the manifests say about the whole, and room for what they promise. */
static int open_run(struct merge *merge, char *const *folder, size_t count, struct error *err) {
    struct merged *merged = merge->merged;
    size_t tasks = 0;
    for (size_t i = 0; i < count; i++)
        if (manifests_read(folder[i], &merge->manifests, err) != 0)
            return -1;
    if (manifests_join(&merge->manifests, &merge->task, &tasks, err) != 0)
        return -1;
    const struct manifest *any = &merge->manifests.item[0];
    merged->run = heap_copy(any->run, strlen(any->run));
    snprintf(merged->commitment, sizeof merged->commitment, "%s", any->commitment);
    merged->shards = any->shards;
    merged->count = tasks;
    merged->file = heap_zeroed(tasks, sizeof merged->file[0]);
    return 0;
}

int merge_folders(char *const *folder, size_t count, const unsigned char *key, struct merged *merged,
                  struct error *err) {
    struct merge merge = {.merged = merged, .key = key};
    *merged = (struct merged){0};
    int status = open_run(&merge, folder, count, err);
    for (size_t i = 0; i < count && status == 0; i++)
        status = take_folder(&merge, folder[i], err);
    if (status == 0)
        status = all_there(&merge, err);
    free(merge.task);
    manifests_release(&merge.manifests);
    if (status != 0)
        merge_release(merged);
    return status;
}

void merge_release(struct merged *merged) {
    for (size_t i = 0; i < merged->count; i++)
        free(merged->file[i].path);
    free(merged->file);
    free(merged->run);
    *merged = (struct merged){0};
}

int merge_each(void *from, int (*visit)(void *into, struct record *record), void *into, struct error *err) {
    const struct merged *merged = from;
    int status = 0;
    for (size_t i = 0; i < merged->count && status == 0; i++) {
        const struct merged_file *file = &merged->file[i];
        struct record record;
        unsigned char hash[MERGED_HASH];
        if (record_read(file->path, &record, err) != 0)
            return -1;
        crypto_generichash(hash, sizeof hash, (const unsigned char *)record.text, record.size, NULL, 0);
        if (memcmp(hash, file->hash, sizeof hash) == 0)
            status = visit(into, &record);
        else
            status = error_set(err, ERROR_USER, "'%s' was changed while it was read; merge again.", file->path);
        record_release(&record);
    }
    return status;
}
