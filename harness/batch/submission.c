/* SPDX-License-Identifier: MIT */
/* See submission.h: from what was found to a sorted list of tasks. */
#include "harness/batch/submission.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/batch/finder.h"
#include "harness/heap.h"
#include "harness/identify.h"

static char *copy(const char *text) {
    return heap_copy(text, strlen(text));
}

/* person__challenge.c: what stands behind the person, or NULL. */
static const struct pack *pack_of_part(const struct packs *packs, const char *part) {
    char *id = copy(part);
    const struct pack *pack = packs_get(packs, id);
    for (char *at = id; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    pack = pack != NULL ? pack : packs_get(packs, id);
    free(id);
    return pack;
}

static void find_pack(const struct found *found, const char *text, const struct packs *packs, const char *challenge,
                      struct submission *item) {
    struct error error;
    char *directive = identify_directive(text);
    if (identify(packs, found->path, challenge, &item->pack, &error) != 0) {
        item->pack = NULL;
        if (directive == NULL && challenge == NULL && found->part != NULL)
            item->pack = pack_of_part(packs, found->part);
        if (item->pack == NULL)
            item->problem = finder_told(error.text, found->path, found->shown);
    }
    free(directive);
}

static void look_into(const struct found *found, const struct packs *packs, const char *challenge,
                      struct submission *item) {
    struct error error;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *text = NULL;
    size_t size = 0;
    if (found->problem != NULL) {
        item->problem = copy(found->problem);
    } else if (scratch_read_unlinked(found->path, ARCHIVE_FILE_BYTES_MAX, &text, &size, &error) != 0) {
        item->problem = finder_told(error.text, found->path, found->shown);
    } else {
        crypto_hash_sha256(hash, (const unsigned char *)text, size);
        sodium_bin2hex(item->sha256, sizeof item->sha256, hash, sizeof hash);
        find_pack(found, text, packs, challenge, item);
        if (size == 0 && item->problem == NULL)
            item->problem = heap_format("'%s' is empty; there is nothing to grade in it.", found->shown);
    }
    free(text);
}

/* What is of no known challenge is told apart by its place. */
static char *task_of(const struct found *found, const char *name, const struct submission *item) {
    bool changed;
    const char *from = item->pack != NULL ? item->pack->id : found->inside[0] != '\0' ? found->inside : "file";
    char *what = finder_safe(from, &changed);
    char *task = heap_format("%s/%s", name, what);
    free(what);
    return task;
}

void finder_make_tasks(const struct finder *finder, const struct packs *packs, const char *challenge,
                       struct submissions *list) {
    char **name = finder_names(finder, list);
    list->item = heap_zeroed(finder->count, sizeof list->item[0]);
    list->count = finder->count;
    for (size_t i = 0; i < finder->count; i++) {
        const struct found *found = &finder->found[i];
        struct submission *item = &list->item[i];
        look_into(found, packs, challenge, item);
        item->task = task_of(found, name[i], item);
        item->person = copy(found->nobody ? "" : name[i]);
        item->path = copy(found->path);
        item->shown = copy(found->shown);
        free(name[i]);
    }
    free(name);
}

static int by_task(const void *a, const void *b) {
    const struct submission *x = a, *y = b;
    int order = strcmp(x->task, y->task);
    if (order == 0)
        order = strcmp(x->shown, y->shown);
    return order != 0 ? order : strcmp(x->path, y->path);
}

static void sort(struct submissions *list) {
    if (list->count > 0)
        qsort(list->item, list->count, sizeof list->item[0], by_task);
}

static void release_item(struct submission *item) {
    char *const text[] = {item->person, item->task, item->path, item->shown, item->problem};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        free(text[i]);
}

/* Two files of one person for one challenge: which one counts is not for us to say. */
static void join(struct submission *first, const struct submission *other, size_t more) {
    free(first->problem);
    if (more > 1)
        first->problem = heap_format("'%s' and '%s' (and %zu more) are all for %s; keep the one that is to be graded.",
                                     first->shown, other->shown, more - 1, first->pack->id);
    else
        first->problem = heap_format("'%s' and '%s' are both for %s; keep the one that is to be graded.", first->shown,
                                     other->shown, first->pack->id);
}

/* The same file, named twice, is there once. */
static void drop_doubles(struct submissions *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct submission *item = &list->item[i];
        if (kept > 0 && strcmp(item->task, list->item[kept - 1].task) == 0 &&
            strcmp(item->path, list->item[kept - 1].path) == 0)
            release_item(item);
        else
            list->item[kept++] = *item;
    }
    list->count = kept;
}

/* Files of no known challenge are different tasks all the same. */
static void rename_apart(struct submission *item, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *slash = strchr(item[i].task, '/'), *what = finder_apart(slash + 1, item[i].shown);
        *slash = '\0';
        char *task = heap_format("%s/%s", item[i].task, what);
        free(item[i].task);
        free(what);
        item[i].task = task;
    }
}

/* Makes the tasks of the sorted list unique. */
static void part_tasks(struct submissions *list) {
    size_t kept = 0;
    for (size_t i = 0, same; i < list->count; i += same) {
        struct submission *item = &list->item[i];
        for (same = 1; i + same < list->count && strcmp(item[same].task, item->task) == 0;)
            same++;
        const size_t stay = item->pack != NULL ? 1 : same;
        if (same > 1 && item->pack == NULL)
            rename_apart(item, same);
        else if (same > 1)
            join(item, &item[1], same - 1);
        for (size_t k = stay; k < same; k++)
            release_item(&item[k]);
        memmove(&list->item[kept], item, stay * sizeof *item);
        kept += stay;
    }
    list->count = kept;
}

/* Odd bytes can look the same once they are escaped, and eight digits agree by chance or on purpose: one task for two
 * files would stop the whole run. True when a name has changed. */
static bool part_twins(struct submissions *list) {
    bool changed = false;
    for (size_t i = 0, same; i < list->count; i += same)
        for (same = 1; i + same < list->count && strcmp(list->item[i + same].task, list->item[i].task) == 0; same++) {
            struct submission *twin = &list->item[i + same];
            char *task = heap_format("%s-%zu", twin->task, same + 1);
            free(twin->task);
            twin->task = task;
            changed = true;
        }
    return changed;
}

int submissions_find(const struct packs *packs, char *const *argument, size_t count, const char *challenge,
                     struct submissions *list, struct error *err) {
    struct finder finder = {.list = list};
    const struct pack *wanted;
    *list = (struct submissions){0};
    int status = challenge != NULL ? packs_need(packs, challenge, &wanted, err) : 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = finder_walk(&finder, argument[i], err);
    if (status == 0) {
        finder_make_tasks(&finder, packs, challenge, list);
        sort(list);
        drop_doubles(list);
        part_tasks(list);
        do
            sort(list);
        while (part_twins(list));
    } else {
        submissions_release(list);
    }
    finder_release(&finder);
    return status;
}

void submissions_release(struct submissions *list) {
    for (size_t i = 0; i < list->count; i++)
        release_item(&list->item[i]);
    for (size_t i = 0; i < list->note_count; i++)
        free(list->note[i]);
    free(list->item);
    free(list->note);
    scratch_release(&list->unpacked);
    *list = (struct submissions){0};
}
