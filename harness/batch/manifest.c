/* SPDX-License-Identifier: MIT */
/* See manifest.h. The list of a run's tasks is believed only when its hash, and where nobody named the run its id, come
 * out right: leaving out a task on the way then fails, as the results hold the id too. */
#include "harness/batch/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/batch/plan_part.h"
#include "harness/heap.h"

#define WHOLE "shard-1-of-1.json"

enum { SHARDS_MAX = 100000, ID_MAX = 64, TASKS_MAX = 100000000 };

static const char *const SCHEMA[] = {"harness-shard/1", NULL};
static const char *const BY[] = {"slice", "hash", NULL};
static const struct json_key KEYS[] = {
    {.name = "schema", .type = JSON_TEXT, .required = true, .words = SCHEMA},
    {.name = "run", .type = JSON_TEXT, .required = true, .low = 1, .high = ID_MAX},
    {.name = "index", .type = JSON_WHOLE, .required = true, .low = 1, .high = SHARDS_MAX},
    {.name = "count", .type = JSON_WHOLE, .required = true, .low = 1, .high = SHARDS_MAX},
    {.name = "by", .type = JSON_TEXT, .required = true, .words = BY},
    {.name = "commitment", .type = JSON_TEXT, .required = true, .low = 1, .high = 64},
    {.name = "list", .type = JSON_TEXT, .required = true, .low = 64, .high = 64},
    {.name = "total", .type = JSON_WHOLE, .required = true, .low = 0, .high = TASKS_MAX},
    {.name = "tasks", .type = JSON_LIST, .required = true},
};
static const struct json_table TABLE = {"a shard", KEYS, sizeof KEYS / sizeof KEYS[0]};

static char *copy(const char *text) {
    return heap_copy(text, strlen(text));
}

static int fill(const struct json_place *root, struct manifest *m, struct error *err) {
    if (json_check(root, &TABLE, err) != 0)
        return -1;
    m->run = copy(json_text(root, "run", ""));
    m->by = copy(json_text(root, "by", ""));
    m->commitment = copy(json_text(root, "commitment", ""));
    m->list = copy(json_text(root, "list", ""));
    m->index = (size_t)json_number(root, "index", 0);
    m->shards = (size_t)json_number(root, "count", 0);
    m->total = (size_t)json_number(root, "total", 0);
    if (m->index > m->shards)
        return json_error(root, err, "is shard %zu of %zu, and there is no such shard.", m->index, m->shards);
    return plan_read_tasks(root, &m->count, &m->task, &m->inputs, err);
}

static int read_one(const char *folder, const char *name, struct manifests *all, struct error *err) {
    struct json_file json = {0};
    all->item = heap_resize(all->item, all->count + 1, sizeof all->item[0]);
    struct manifest *m = &all->item[all->count++];
    *m = (struct manifest){.path = heap_format("%s/%s", folder, name)};
    int status = plan_read_json(m->path, &json, err);
    if (status == 0) {
        struct json_place root = json_root(&json);
        status = fill(&root, m, err);
    }
    json_release(&json);
    return status;
}

static int is_manifest(const struct dirent *entry) {
    unsigned index, count;
    int length = 0;
    return sscanf(entry->d_name, "shard-%6u-of-%6u.json%n", &index, &count, &length) == 2 && length > 0 &&
           entry->d_name[length] == '\0';
}

/* A folder that was begun in parts and then graded as a whole: the whole answers for all that lies there. */
static bool has_whole(struct dirent *const *entry, int count) {
    for (int i = 0; i < count; i++)
        if (strcmp(entry[i]->d_name, WHOLE) == 0)
            return true;
    return false;
}

int manifests_read(const char *folder, struct manifests *all, struct error *err) {
    struct dirent **entry = NULL;
    int count = scandir(folder, &entry, is_manifest, alphasort), status = 0;
    if (count < 0)
        return error_set(err, ERROR_USER, "cannot read the folder '%s': %s; name a folder that was given as --results.",
                         folder, strerror(errno));
    if (count == 0)
        status = error_set(err, ERROR_USER,
                           "there are no results of `harness grade' in '%s' (no shard-I-of-N.json); name a folder that "
                           "was given as --results.",
                           folder);
    const bool whole = has_whole(entry, count);
    for (int i = 0; i < count; i++) {
        if (status == 0 && (!whole || strcmp(entry[i]->d_name, WHOLE) == 0))
            status = read_one(folder, entry[i]->d_name, all, err);
        free(entry[i]);
    }
    free(entry);
    return status;
}

void manifests_release(struct manifests *all) {
    for (size_t i = 0; i < all->count; i++) {
        struct manifest *m = &all->item[i];
        for (size_t k = 0; k < m->count; k++) {
            free(m->task[k]);
            free(m->inputs[k]);
        }
        char *const text[] = {m->path, m->run, m->by, m->commitment, m->list};
        for (size_t k = 0; k < sizeof text / sizeof text[0]; k++)
            free(text[k]);
        free(m->task);
        free(m->inputs);
    }
    free(all->item);
    *all = (struct manifests){0};
}

/* What two manifests of one run cannot differ in. */
static int compare(const struct manifest *a, const struct manifest *b, struct error *err) {
    const char *what = NULL;
    if (strcmp(a->commitment, b->commitment) != 0)
        what = "their seeds differ (give all shards the same one, in HARNESS_SEED)";
    else if (strcmp(a->list, b->list) != 0 || a->total != b->total)
        what = "their submissions, challenges or options differ";
    else if (strcmp(a->run, b->run) != 0)
        what = "their run ids differ";
    else if (a->shards != b->shards || strcmp(a->by, b->by) != 0)
        what = "they divide it differently (give all the same N, and the same --shard-by)";
    if (what == NULL)
        return 0;
    return error_set(err, ERROR_USER, "'%s' and '%s' are not of one run: %s.", a->path, b->path, what);
}

/* The same shard, graded in two places or copied: it has to be the same list. */
static int compare_lists(const struct manifest *a, const struct manifest *b, struct error *err) {
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->task[i], b->task[i]) == 0 && strcmp(a->inputs[i], b->inputs[i]) == 0;
    if (same)
        return 0;
    return error_set(err, ERROR_USER, "'%s' and '%s' are the same shard, but hold different tasks.", a->path, b->path);
}

static int missing(const struct manifest *const *shard, const struct manifest *any, struct error *err) {
    size_t first = 0, count = 0;
    for (size_t i = 1; i <= any->shards; i++) {
        if (shard[i] != NULL)
            continue;
        first = count++ == 0 ? i : first;
    }
    if (count == 0)
        return 0;
    if (count == 1)
        return error_set(err, ERROR_USER, "shard %zu/%zu is not there; grade it, and name its folder too.", first,
                         any->shards);
    return error_set(err, ERROR_USER, "%zu of %zu shards are not there, the first is %zu/%zu; name their folders too.",
                     count, any->shards, first, any->shards);
}

static int by_task(const void *a, const void *b) {
    return strcmp(((const struct manifest_task *)a)->task, ((const struct manifest_task *)b)->task);
}

/* The tasks of all shards have to be the list that each of them was made from. */
static int check_list(const struct manifest *any, const struct manifest_task *task, size_t count, struct error *err) {
    struct plan_list_hash hash;
    char list[65], id[PLAN_ID];
    plan_list_begin(&hash);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && by_task(&task[i - 1], &task[i]) == 0)
            return error_set(err, ERROR_USER, "the task '%.160s' is in two shards, '%s' and '%s'.", task[i].task,
                             task[i - 1].from->path, task[i].from->path);
        plan_list_add(&hash, task[i].task, task[i].inputs);
    }
    plan_list_end(&hash, list);
    plan_id(any->commitment, any->list, id);
    const bool made = strlen(any->run) == PLAN_ID - 1 && strspn(any->run, "0123456789abcdef") == PLAN_ID - 1;
    if (count == any->total && strcmp(list, any->list) == 0 && (!made || strcmp(any->run, id) == 0))
        return 0;
    return error_set(err, ERROR_USER,
                     "the shards beside '%s' do not make up the run that they say they are of: a manifest was edited; "
                     "grade its shard again.",
                     any->path);
}

int manifests_join(const struct manifests *all, struct manifest_task **task, size_t *count, struct error *err) {
    const struct manifest *any = &all->item[0];
    const struct manifest **shard = heap_zeroed(any->shards + 1, sizeof shard[0]);
    size_t total = 0;
    int status = 0;
    *task = NULL;
    *count = 0;
    for (size_t i = 0; i < all->count && status == 0; i++) {
        const struct manifest *m = &all->item[i];
        status = compare(any, m, err);
        if (status == 0 && shard[m->index] != NULL)
            status = compare_lists(shard[m->index], m, err);
        else if (status == 0) {
            shard[m->index] = m;
            total += m->count;
        }
    }
    if (status == 0)
        status = missing(shard, any, err);
    if (status == 0) {
        *task = heap_zeroed(total, sizeof **task);
        for (size_t i = 1; i <= any->shards; i++)
            for (size_t k = 0; k < shard[i]->count; k++)
                (*task)[(*count)++] = (struct manifest_task){shard[i]->task[k], shard[i]->inputs[k], shard[i]};
        if (*count > 0)
            qsort(*task, *count, sizeof **task, by_task);
        status = check_list(any, *task, *count, err);
    }
    free(shard);
    return status;
}
