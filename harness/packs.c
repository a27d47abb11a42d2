/* SPDX-License-Identifier: MIT */
/* See packs.h. */
#include "harness/packs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/locate.h"
#include "grader/names.h"
#include "harness/heap.h"

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct pack *)a)->id, ((const struct pack *)b)->id);
}

static void add_pack(struct packs *packs, const char *directory) {
    char *real = realpath(directory, NULL);
    if (real == NULL)
        return;
    const char *id = strrchr(real, '/') + 1;
    if (packs_get(packs, id) == NULL && id[0] != '\0') {
        packs->pack = heap_resize(packs->pack, packs->count + 1, sizeof packs->pack[0]);
        packs->pack[packs->count++] = (struct pack){heap_format("%s", id), heap_format("%s", real)};
    }
    free(real);
}

static int is_pack(const char *directory) {
    char *spec = heap_format("%s/challenge.json", directory);
    int there = access(spec, F_OK) == 0;
    free(spec);
    return there;
}

/* 0, or errno when the folder cannot be read. */
static int add_root(struct packs *packs, const char *root) {
    DIR *folder = opendir(root);
    if (folder == NULL)
        return errno;
    packs->root = heap_resize(packs->root, packs->root_count + 1, sizeof packs->root[0]);
    packs->root[packs->root_count++] = heap_format("%s", root);
    if (is_pack(root))
        add_pack(packs, root);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char *inside = heap_format("%s/%s", root, entry->d_name);
        if (entry->d_name[0] != '.' && is_pack(inside))
            add_pack(packs, inside);
        free(inside);
    }
    closedir(folder);
    return 0;
}

static int add_path(struct packs *packs, const char *list, struct error *err) {
    char *copy = heap_format("%s", list), *rest = copy, *root;
    int result = 0;
    while (result == 0 && (root = strsep(&rest, ":")) != NULL) {
        int code = root[0] != '\0' ? add_root(packs, root) : 0;
        if (code != 0)
            result = error_set(err, ERROR_USER,
                               "cannot read '%s', which HARNESS_PATH names as a folder of challenges: %s; correct "
                               "HARNESS_PATH or unset it.",
                               root, strerror(code));
    }
    free(copy);
    return result;
}

int packs_find(char *const *directory, size_t count, struct packs *packs, struct error *err) {
    const char *path = getenv("HARNESS_PATH");
    struct locate_parts parts = {0};
    *packs = (struct packs)PACKS_INIT;
    for (size_t i = 0; i < count; i++) {
        int code = add_root(packs, directory[i]);
        if (code != 0) {
            error_set(err, ERROR_USER,
                      "cannot read the folder of challenges '%s': %s; --challenges takes a folder that "
                      "holds challenges, or one challenge.",
                      directory[i], strerror(code));
            packs_release(packs);
            return -1;
        }
    }
    if (path != NULL && add_path(packs, path, err) != 0) {
        packs_release(packs);
        return -1;
    }
    if (locate_find(&parts, err) == 0)
        add_root(packs, parts.challenges);
    else if (packs->root_count == 0)
        return -1;
    if (packs->count > 0)
        qsort(packs->pack, packs->count, sizeof packs->pack[0], by_id);
    return 0;
}

void packs_release(struct packs *packs) {
    for (size_t i = 0; i < packs->count; i++) {
        free(packs->pack[i].id);
        free(packs->pack[i].directory);
    }
    for (size_t i = 0; i < packs->root_count; i++)
        free(packs->root[i]);
    free(packs->pack);
    free(packs->root);
    *packs = (struct packs)PACKS_INIT;
}

const struct pack *packs_get(const struct packs *packs, const char *id) {
    for (size_t i = 0; i < packs->count; i++)
        if (strcmp(packs->pack[i].id, id) == 0)
            return &packs->pack[i];
    return NULL;
}

const char *packs_nearest(const struct packs *packs, const char *id) {
    const char **names = heap_zeroed(packs->count + 1, sizeof names[0]);
    for (size_t i = 0; i < packs->count; i++)
        names[i] = packs->pack[i].id;
    const char *nearest = names_nearest(id, names, packs->count);
    free(names);
    return nearest;
}

int packs_need(const struct packs *packs, const char *id, const struct pack **pack, struct error *err) {
    *pack = packs_get(packs, id);
    if (*pack != NULL)
        return 0;
    const char *nearest = packs_nearest(packs, id);
    if (nearest != NULL)
        return error_set(err, ERROR_USER, "there is no challenge '%s'; did you mean '%s'?", id, nearest);
    return error_set(err, ERROR_USER, "there is no challenge '%s'; `harness list` shows all %zu.", id, packs->count);
}
