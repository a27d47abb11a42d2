/* SPDX-License-Identifier: MIT */
/* The folder of one grading, under TMPDIR or /tmp. Its name holds its owner (grader/owner.h), so that a later start can
 * tell a living one from a killed one and remove what that one left. */
#ifndef GRADER_SCRATCH_H
#define GRADER_SCRATCH_H

#include <stddef.h>

#include "grader/error.h"

enum { SCRATCH_PATH = 240 };

struct scratch {
    char path[SCRATCH_PATH];
};

/* Where they are made: TMPDIR, or /tmp when that is unset, relative or too long. */
const char *scratch_root(void);

/* Creates it, readable by any uid: a worker may run as another user. Nothing secret goes in here. */
int scratch_open(struct scratch *scratch, struct error *err);
void scratch_release(struct scratch *scratch); /* removes it with all it holds; fine on {""} */

/* Removes the folders of owners that no longer live. */
void scratch_clean_stale(void);
/* The same for folders named PREFIX and an owner's tag (grader/owner.h) in another place. */
void scratch_clean(const char *root, const char *prefix);

/* A new folder inside, mode 0755. */
int scratch_folder(const struct scratch *scratch, const char *name, char path[SCRATCH_PATH], struct error *err);

int scratch_write(const char *path, const void *bytes, size_t size, struct error *err);
/* Copies a regular file of at most `limit` bytes; the copy gets this mode. */
int scratch_copy(const char *from, const char *to, size_t limit, unsigned mode, struct error *err);
/* Reads a whole regular file, at most `limit` bytes; NUL-terminated beyond `size`. The caller frees.
 * What cannot be read is ERROR_USER here and ERROR_HARNESS in scratch_copy, which copies the harness's own parts. */
int scratch_read(const char *path, size_t limit, char **bytes, size_t *size, struct error *err);
/* The same, but a symbolic link is refused: in a folder that its author controls it could point to a file of the
 * caller's, which the report would quote. */
int scratch_read_unlinked(const char *path, size_t limit, char **bytes, size_t *size, struct error *err);
void scratch_remove_tree(const char *path);

#endif
