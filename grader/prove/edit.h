/* SPDX-License-Identifier: MIT */
/* A solution that is written as edits of another one in its folder: solutions/wrong_x.edit.
 *
 *   // expect: wrong_answer
 *   // harness: ID
 *   // edits: accepted_plain.c
 *   // What the mistake is.
 *   <<<<<<<
 *   lines of the base: whole, to the letter, and there exactly once
 *   =======
 *   the lines that take their place, which may be none
 *   >>>>>>>
 *
 * Every block is looked for in the base as it stands on the disk, so no block depends on another. The C file that is
 * made begins with the first line of the edit: it promises what the edit promises. */
#ifndef GRADER_PROVE_EDIT_H
#define GRADER_PROVE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/error.h"

enum { EDIT_NAME = 128 };

struct edit_origin { /* where a line of the made text comes from */
    bool from_edit;  /* else from the base */
    int line;        /* 1-based */
};

struct edit {
    char name[EDIT_NAME], base[EDIT_NAME]; /* file names without their folder */
    char *text;                            /* NUL-terminated */
    size_t size;
    size_t line_count;
    struct edit_origin *origin;
};

/* Whether a file of this name is an edit, and whether it is a solution at all: *.c or *.edit, not hidden. */
bool edit_is(const char *path);
bool edit_is_solution(const char *name);

/* Makes the text of the edit at `path`. What is wrong with it is ERROR_CHALLENGE and names file, block and remedy; on
 * success *edit is the caller's until edit_release. */
int edit_read(const char *path, struct edit *edit, struct error *err);
void edit_release(struct edit *edit); /* fine on {0} */

/* Writes the made text into `folder`, under the stem of the edit with .c. */
int edit_write(const struct edit *edit, const char *folder, char *path, size_t size, struct error *err);

/* "accepted_plain.c:40" or "wrong_x.edit:12": what an author looks at for this line of the made text. */
void edit_place(const struct edit *edit, int line, char *place, size_t size);

#endif
