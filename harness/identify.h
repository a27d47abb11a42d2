/* SPDX-License-Identifier: MIT */
/* Which challenge is this file for? */
#ifndef HARNESS_IDENTIFY_H
#define HARNESS_IDENTIFY_H

#include "grader/error.h"
#include "harness/packs.h"

/* In this order: `wanted` (--challenge, may be NULL); a line `// harness: ID` in the first 4 KB; an #include "ID.h" of
 * a challenge there is; the name of the file (ID.c, or with _ for -). The file has to be a readable regular file. */
int identify(const struct packs *packs, const char *file, const char *wanted, const struct pack **pack,
             struct error *err);

/* The id in the first `// harness: ID` line of `text`, or NULL. The caller frees. */
char *identify_directive(const char *text);

#endif
