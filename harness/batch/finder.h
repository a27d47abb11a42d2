/* SPDX-License-Identifier: MIT */
/* Inside the search for submissions: what the walk through the folders hands over to the naming of tasks. */
#ifndef HARNESS_FINDER_H
#define HARNESS_FINDER_H

#include <stdbool.h>

#include "harness/batch/submission.h"

/* A C file, or something that should have held some and has a problem. */
struct found {
    char *key;    /* says whose it is: equal for one person's files, and for nobody else's */
    char *person; /* as the folder or the file name spells it; for nobody the name of the file */
    bool nobody;  /* `person` is no person */
    char *part;   /* of a flat name: what stands behind the person, else NULL */
    char *inside; /* the place in the person's folder */
    char *path, *shown;
    char *problem; /* or NULL */
};

struct finder {
    struct submissions *list; /* for its notes and its scratch folder */
    size_t count;
    struct found *found;
    size_t unpacked; /* archives so far */
    bool failed;     /* our own fault: nobody's submission has to suffer for it */
    struct error fault;
};

/* Walks one argument. -1 when it cannot be read. */
int finder_walk(struct finder *finder, const char *argument, struct error *err);
void finder_release(struct finder *finder);

void finder_note(struct submissions *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An error's text with `shown` in place of `path`: files in the scratch folder are known to the user by another name.
 * The caller frees. */
char *finder_told(const char *text, const char *path, const char *shown);

/* Turns what was found into the tasks of the list: says whose each is, for which challenge, and what stands against
 * grading it. The list is sorted afterwards. */
void finder_make_tasks(const struct finder *finder, const struct packs *packs, const char *challenge,
                       struct submissions *list);

/* Safe names for all keys, in the order of `finder->found`: the same key has the same name, and different keys never
 * have. Says so in a note when two people would have had one name. The caller frees each and the list. */
char **finder_names(const struct finder *finder, struct submissions *list);

/* A part of a task's name: every byte that is not a letter, a digit or one of "._@+-" is a '-', a long one is cut and
 * told apart by a hash. The caller frees. */
char *finder_safe(const char *text, bool *changed);

/* `name` with eight digits behind it that are made of `key`. The caller frees. */
char *finder_apart(const char *name, const char *key);

#endif
