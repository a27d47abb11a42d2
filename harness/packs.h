/* SPDX-License-Identifier: MIT */
/* The challenges that can be found: folders that hold a challenge.json. Looking reads no spec, so a broken pack costs
 * only itself. */
#ifndef HARNESS_PACKS_H
#define HARNESS_PACKS_H

#include <stddef.h>

#include "grader/error.h"

struct pack {
    char *id; /* the folder's name */
    char *directory;
};

struct packs {
    size_t count;
    struct pack *pack; /* by id */
    size_t root_count;
    char **root; /* where was looked, for messages */
};

#define PACKS_INIT                                                                                                     \
    { 0, NULL, 0, NULL }

/* Looks in `directory[]` (--challenges), then in HARNESS_PATH, then where the harness came with its own. Each is a
 * folder of packs or a pack itself; of two packs with one id the first wins. A folder named by the user that is not
 * there is the user's error. */
int packs_find(char *const *directory, size_t count, struct packs *packs, struct error *err);
void packs_release(struct packs *packs);

/* NULL if there is none. */
const struct pack *packs_get(const struct packs *packs, const char *id);

/* Fails with "there is no challenge 'x'; did you mean 'y'?". */
int packs_need(const struct packs *packs, const char *id, const struct pack **pack, struct error *err);

/* The nearest id to a mistyped one, or NULL. */
const char *packs_nearest(const struct packs *packs, const char *id);

#endif
