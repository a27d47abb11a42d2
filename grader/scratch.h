/* SPDX-License-Identifier: MIT */
/* The folder of one grading, under TMPDIR or /tmp. Its name holds the owner's pid and start time, so that a later start
 * can tell a living owner from a killed one and remove what that one left. */
#ifndef GRADER_SCRATCH_H
#define GRADER_SCRATCH_H

#include <stddef.h>

#include "grader/error.h"

enum { SCRATCH_PATH = 240 };

struct scratch {
    char path[SCRATCH_PATH];
};

/* Creates it, readable by any uid: a worker may run as another user. Nothing secret goes in here. */
int scratch_open(struct scratch *scratch, struct error *err);
void scratch_release(struct scratch *scratch); /* removes it with all it holds; fine on {""} */

/* Removes the folders of owners that no longer live. */
void scratch_clean_stale(void);

/* A new folder inside, mode 0755. */
int scratch_folder(const struct scratch *scratch, const char *name, char path[SCRATCH_PATH], struct error *err);

int scratch_write(const char *path, const void *bytes, size_t size, struct error *err);
/* Copies a regular file of at most `limit` bytes; the copy gets this mode. */
int scratch_copy(const char *from, const char *to, size_t limit, unsigned mode, struct error *err);
/* Reads a whole regular file, at most `limit` bytes; NUL-terminated beyond `size`. The caller frees.
 * What cannot be read is ERROR_USER here and ERROR_HARNESS in scratch_copy, which copies the harness's own parts. */
int scratch_read(const char *path, size_t limit, char **bytes, size_t *size, struct error *err);
void scratch_remove_tree(const char *path);

#endif
