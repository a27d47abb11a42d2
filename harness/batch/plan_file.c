/* SPDX-License-Identifier: MIT */
/* RESULTS/run.json and RESULTS/shard-I-of-N.json. Tasks, ids and hashes are made of letters that JSON takes as they
 * are. */
#include <errno.h>
#include <fcntl.h>
#include <harness_paths.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/json.h"
#include "harness/batch/plan_part.h"
#include "harness/heap.h"
#include "harness/result/record.h"

enum { FILE_LIMIT = 256 << 20 };

static const struct json_key RUN_KEYS[] = {
    {.name = "schema", .type = JSON_TEXT, .required = true},
    {.name = "run", .type = JSON_TEXT, .required = true, .low = 1, .high = 64},
    {.name = "named", .type = JSON_FLAG, .required = true},
    {.name = "harness", .type = JSON_TEXT, .required = true},
    {.name = "options", .type = JSON_TEXT, .required = true},
    {.name = "seed", .type = JSON_TEXT, .required = true, .low = 1, .high = 20},
    {.name = "seed_secret", .type = JSON_FLAG, .required = true},
    {.name = "commitment", .type = JSON_TEXT, .required = true, .low = 1, .high = 64},
    {.name = "list", .type = JSON_TEXT, .required = true, .low = 64, .high = 64},
    {.name = "tasks", .type = JSON_LIST, .required = true},
};
static const struct json_table RUN_TABLE = {"a run", RUN_KEYS, sizeof RUN_KEYS / sizeof RUN_KEYS[0]};

static const struct json_key TASK_KEYS[] = {
    {.name = "task", .type = JSON_TEXT, .required = true, .low = 1, .high = 200},
    {.name = "inputs", .type = JSON_TEXT, .required = true, .low = 64, .high = 64},
};
static const struct json_table TASK_TABLE = {"a task", TASK_KEYS, sizeof TASK_KEYS / sizeof TASK_KEYS[0]};

static char *copy(const char *text) {
    return heap_copy(text, strlen(text));
}

int plan_read_json(const char *path, struct json_file *json, struct error *err) {
    char *text = NULL;
    size_t size = 0;
    if (scratch_read(path, FILE_LIMIT, &text, &size, err) != 0)
        return -1;
    int status = json_parse(path, ERROR_USER, text, size, json, err);
    free(text);
    return status;
}

int plan_read_tasks(const struct json_place *root, size_t *count, char ***task, char ***inputs, struct error *err) {
    struct json_place list = json_member(root, "tasks");
    const cJSON *node;
    size_t index = 0, all = (size_t)cJSON_GetArraySize(list.node);
    *task = heap_zeroed(all, sizeof **task);
    *inputs = heap_zeroed(all, sizeof **inputs);
    *count = 0;
    cJSON_ArrayForEach(node, list.node) {
        struct json_place one = json_item(&list, node, index++);
        if (json_check(&one, &TASK_TABLE, err) != 0)
            return -1;
        (*task)[*count] = copy(json_text(&one, "task", ""));
        (*inputs)[(*count)++] = copy(json_text(&one, "inputs", ""));
    }
    return 0;
}

static int read_seed(const struct json_place *root, uint64_t *seed, struct error *err) {
    struct json_place at = json_member(root, "seed");
    char *end;
    errno = 0;
    *seed = strtoull(at.node->valuestring, &end, 10);
    if (errno == 0 && *end == '\0' && strspn(at.node->valuestring, "0123456789") > 0)
        return 0;
    return json_error(&at, err, "is no seed.");
}

static int read_run(const struct json_place *root, struct plan_file *file, struct error *err) {
    static const char *const SCHEMA[] = {"harness-run/1"};
    size_t which;
    if (json_choice(root, "schema", SCHEMA, 1, &which, err) != 0 || json_check(root, &RUN_TABLE, err) != 0 ||
        read_seed(root, &file->seed, err) != 0)
        return -1;
    file->run = copy(json_text(root, "run", ""));
    file->harness = copy(json_text(root, "harness", ""));
    file->options = copy(json_text(root, "options", ""));
    file->list = copy(json_text(root, "list", ""));
    file->commitment = copy(json_text(root, "commitment", ""));
    file->seed_secret = json_flag(root, "seed_secret", true);
    file->named = json_flag(root, "named", false);
    return plan_read_tasks(root, &file->count, &file->task, &file->inputs, err);
}

int plan_file_read(const char *results, struct plan_file *file, struct error *err) {
    char *path = heap_format("%s/run.json", results);
    struct json_file json = {0};
    struct stat info;
    int status = 0;
    if (lstat(path, &info) == 0 || errno != ENOENT) {
        status = plan_read_json(path, &json, err);
        if (status == 0) {
            struct json_place root = json_root(&json);
            status = read_run(&root, file, err) == 0 ? 1 : -1;
        }
        json_release(&json);
    }
    free(path);
    return status;
}

void plan_file_release(struct plan_file *file) {
    for (size_t i = 0; i < file->count; i++) {
        free(file->task[i]);
        free(file->inputs[i]);
    }
    char *const text[] = {file->run, file->harness, file->options, file->list, file->commitment};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        free(text[i]);
    free(file->task);
    free(file->inputs);
    *file = (struct plan_file){0};
}

static int write_text(int fd, const char *text, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(fd, text + done, size - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return -1;
        done += (size_t)wrote;
    }
    return fsync(fd);
}

/* Puts a whole file into the folder: instead of an older one, or, when `first` is set, only where there is none. 1 it
 * is there now, 0 another was first. Frees the text. */
static int put(const char *results, const char *name, char *text, bool first, struct error *err) {
    char *path = heap_format("%s/%s", results, name), *part = record_temporary(results);
    int status = -1, fd = mkostemp(part, O_CLOEXEC);
    mode_t mask = umask(0);
    umask(mask);
    if (fd >= 0 && write_text(fd, text, strlen(text)) == 0 && (first || fchmod(fd, 0666 & ~mask) == 0)) {
        if (!first) {
            status = rename(part, path) == 0 ? 1 : -1;
        } else {
            errno = record_name(part, path);
            status = errno == 0 ? 1 : errno == EEXIST ? 0 : -1;
        }
    }
    if (status < 0)
        error_errno(err, "cannot write '%s' (is the disk full? --results names another folder)", path);
    if (fd >= 0) {
        close(fd);
        unlink(part);
    }
    free(part);
    free(path);
    free(text);
    return status;
}

static void put_tasks(FILE *out, const struct plan *plan, const struct shard *shard) {
    const char *comma = "";
    fputs("\"tasks\":[", out);
    for (size_t i = 0; i < plan->count; i++) {
        if (!shard_has(shard, i, plan->task[i].task))
            continue;
        fprintf(out, "%s\n{\"task\":\"%s\",\"inputs\":\"%s\"}", comma, plan->task[i].task, plan->task[i].inputs);
        comma = ",";
    }
    fputs("]}\n", out);
}

int plan_file_write(const char *results, const struct plan *plan, const char *options, bool named, struct error *err) {
    static const struct shard ALL = {.index = 1, .count = 1};
    struct heap_text into;
    heap_text_open(&into);
    fprintf(into.stream,
            "{\"schema\":\"harness-run/1\",\"run\":\"%s\",\"named\":%s,\"harness\":\"%s\",\"options\":\"%s\","
            "\"seed\":\"%" PRIu64 "\",\"seed_secret\":%s,\"commitment\":\"%s\",\"list\":\"%s\",",
            plan->run, named ? "true" : "false", HARNESS_VERSION, options, plan->seed,
            plan->seed_secret ? "true" : "false", plan->commitment, plan->list);
    put_tasks(into.stream, plan, &ALL);
    return put(results, "run.json", heap_text_take(&into, NULL), true, err);
}

/* A run that somebody drives as a whole, on a queue, answers for all of its tasks; those who grade parts of it in the
 * same folder add nothing to that. */
static bool is_driven_whole(const char *results) {
    char *path = heap_format("%s/shard-1-of-1.json", results);
    const bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

int plan_write_manifest(const struct plan *plan, const char *results, struct error *err) {
    const struct shard *shard = &plan->shard;
    struct heap_text into;
    if (shard->count > 1 && is_driven_whole(results))
        return 0;
    heap_text_open(&into);
    fprintf(into.stream,
            "{\"schema\":\"harness-shard/1\",\"run\":\"%s\",\"index\":%u,\"count\":%u,\"by\":\"%s\","
            "\"commitment\":\"%s\",\"list\":\"%s\",\"total\":%zu,",
            plan->run, shard->index, shard->count, shard->by_hash ? "hash" : "slice", plan->commitment, plan->list,
            plan->count);
    put_tasks(into.stream, plan, shard);
    char *name = heap_format("shard-%u-of-%u.json", shard->index, shard->count);
    int status = put(results, name, heap_text_take(&into, NULL), false, err);
    free(name);
    return status < 0 ? -1 : 0;
}

/* What has become of the list of submissions since the folder was begun, or NULL. Both lists are sorted. */
static char *difference(const struct plan_file *file, const struct plan *plan) {
    size_t a = 0, b = 0;
    while (a < file->count || b < plan->count) {
        int order = a == file->count ? 1 : b == plan->count ? -1 : strcmp(file->task[a], plan->task[b].task);
        if (order < 0)
            return heap_format("the submission '%s' is gone", file->task[a]);
        if (order > 0)
            return heap_format("the submission '%s' is new", plan->task[b].task);
        if (strcmp(file->inputs[a++], plan->task[b++].inputs) != 0)
            return heap_format("the submission '%s' or its challenge has changed", plan->task[b - 1].task);
    }
    return NULL;
}

int plan_file_compare(const char *results, const struct plan_file *file, const struct plan *plan,
                      const struct options *options, const char *words, struct error *err) {
    char *what = NULL;
    if (strcmp(file->harness, HARNESS_VERSION) != 0)
        what = heap_format("it was begun by version %s of the harness, and this is %s", file->harness, HARNESS_VERSION);
    else if (strcmp(file->options, words) != 0)
        what = heap_format("its options were '%s' and are '%s' now", file->options, words);
    else if (strcmp(file->commitment, plan->commitment) != 0)
        what = heap_format("it has another seed");
    else if (options->run_id != NULL && strcmp(file->run, options->run_id) != 0)
        what = heap_format("it is called '%s', not '%s'", file->run, options->run_id);
    else
        what = difference(file, plan);
    if (what == NULL && strcmp(file->run, plan->run) != 0)
        what = heap_format("its file run.json was edited");
    if (what == NULL)
        return 0;
    error_set(err, ERROR_USER, "'%s' holds another run: %s; name another folder with --results.", results, what);
    free(what);
    return -1;
}
