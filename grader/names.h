/* SPDX-License-Identifier: MIT */
/* "Did you mean ...?": the nearest of a list of names to one that was mistyped. */
#ifndef GRADER_NAMES_H
#define GRADER_NAMES_H

#include <stddef.h>

/* Edits between two names, ignoring the case of ASCII letters: insertions, deletions, substitutions and swaps of two
 * neighbours count one each. Only the first 64 bytes of each name are looked at. */
size_t names_distance(const char *a, const char *b);

/* The nearest of `count` names, or NULL when none is near: when more than about a third of the letters would have to
 * change. A name that `wrong` is the beginning of (three letters or more) counts as just near. The first of equals
 * wins. */
const char *names_nearest(const char *wrong, const char *const *names, size_t count);

#endif
