/* SPDX-License-Identifier: MIT */
/* See finder.h: names of tasks. They become names of files and stand in mark books, so they are kept readable; but
 * what tells two people apart is never lost, and a name does not depend on who else is in the list unless two would
 * clash. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "harness/batch/finder.h"
#include "harness/heap.h"

enum { SAFE_BYTES_MAX = 80, DIGITS = 8 };

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

char *finder_apart(const char *name, const char *key) {
    unsigned char hash[crypto_generichash_BYTES_MIN];
    char digits[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)key, strlen(key), NULL, 0);
    sodium_bin2hex(digits, sizeof digits, hash, sizeof hash);
    return heap_format("%.*s-%.*s", SAFE_BYTES_MAX - DIGITS - 1, name, DIGITS, digits);
}

char *finder_safe(const char *text, bool *changed) {
    char *safe = heap_zeroed(strlen(text) + 1, 1);
    size_t length = 0;
    *changed = false;
    for (const char *at = text; *at != '\0'; at++) {
        bool keep = strchr(LETTERS, *at) != NULL || strchr("._@+-", *at) != NULL;
        *changed |= !keep;
        if (keep || length == 0 || safe[length - 1] != '-')
            safe[length++] = keep ? *at : '-';
    }
    if (safe[0] == '.') { /* a file of this name would be hidden */
        safe[0] = '_';
        *changed = true;
    }
    if (strpbrk(safe, LETTERS) != NULL && length <= SAFE_BYTES_MAX)
        return safe;
    char *apart = finder_apart(length > SAFE_BYTES_MAX ? safe : "person", text);
    *changed = true;
    free(safe);
    return apart;
}

struct name {
    const struct found *found;
    size_t index; /* into finder->found */
    char *safe;
    bool changed, shared;
};

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct name *)a)->found->key, ((const struct name *)b)->found->key);
}

static int by_safe(const void *a, const void *b) {
    const struct name *x = a, *y = b;
    int order = strcmp(x->safe, y->safe);
    return order != 0 ? order : by_key(a, b);
}

/* In a run of names that are the same, those that were not spelled so are told apart; of several that were (a person
 * and a file of nobody's), all are. */
static void part_clash(struct name *name, size_t count, struct submissions *list) {
    size_t exact = 0, keys = 1;
    for (size_t i = 0; i < count; i++) {
        bool fresh = i == 0 || by_key(&name[i - 1], &name[i]) != 0;
        exact += fresh && !name[i].changed;
        keys += fresh && i > 0;
    }
    if (keys == 1)
        return;
    for (size_t i = 0; i < count; i++)
        name[i].shared = name[i].changed || exact > 1;
    for (size_t i = 1; i < count; i++)
        if (by_key(&name[i - 1], &name[i]) != 0 && !name[i].found->nobody && !name[i - 1].found->nobody)
            finder_note(list, "'%s' and '%s' would both be called '%s' here; they are kept apart by digits.",
                        name[i - 1].found->person, name[i].found->person, name[i].safe);
}

char **finder_names(const struct finder *finder, struct submissions *list) {
    struct name *name = heap_zeroed(finder->count, sizeof name[0]);
    char **safe = heap_zeroed(finder->count, sizeof safe[0]);
    for (size_t i = 0; i < finder->count; i++) {
        name[i] = (struct name){.found = &finder->found[i], .index = i};
        name[i].safe = finder_safe(finder->found[i].person, &name[i].changed);
    }
    if (finder->count > 0)
        qsort(name, finder->count, sizeof name[0], by_safe);
    for (size_t i = 0, end; i < finder->count; i = end) {
        for (end = i + 1; end < finder->count && strcmp(name[end].safe, name[i].safe) == 0;)
            end++;
        part_clash(&name[i], end - i, list);
    }
    for (size_t i = 0; i < finder->count; i++) {
        const struct name *n = &name[i];
        safe[n->index] = n->shared ? finder_apart(n->safe, n->found->key) : heap_copy(n->safe, strlen(n->safe));
        free(n->safe);
    }
    free(name);
    return safe;
}
