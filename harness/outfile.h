/* SPDX-License-Identifier: MIT */
/* Writing a report to a file: whole or not at all, through a temporary file in the same folder. */
#ifndef HARNESS_OUTFILE_H
#define HARNESS_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "grader/error.h"

/* Is `path` a place where a file could be written? Asked before grading, so that nobody waits for a report that has
 * nowhere to go. "-" is the standard output. */
int outfile_check(const char *path, struct error *err);

/* A wrong path is the user's error, a full or broken disk the machine's. What is no regular file (a pipe, /dev/null) is
 * written in place: a rename would replace it. */
int outfile_write(const char *path, const char *text, struct error *err);

/* The same in pieces, for what need not be in memory at once. What was begun has to be ended: with `keep` false nothing
 * is left behind, and an old file stays as it was. */
struct outfile {
    FILE *stream;
    char *path, *target, *temporary; /* NULL: see stream */
};
int outfile_begin(const char *path, struct outfile *out, struct error *err);
int outfile_end(struct outfile *out, bool keep, struct error *err);

#endif
