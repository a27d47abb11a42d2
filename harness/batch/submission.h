/* SPDX-License-Identifier: MIT */
/* Finding submissions: folders, files and archives become a list of tasks.
 *
 * A folder of folders holds one folder for each person, with C files anywhere below (gita/attention.c,
 * gita/week2/norm.c); C files that lie directly in the folder are flat submissions, `person__challenge.c` or
 * `person__anything.c`. An archive (tar, zip or 7z, compressed or not) is unpacked and then seen as a folder; one that
 * lies in the folder, or in somebody's folder, is unpacked as that person's. A single file is a submission of whoever
 * its name says, else of nobody ("").
 * Files that are no C source are passed over; hidden files, `__MACOSX` and contract headers too. Symbolic links are
 * never followed. */
#ifndef HARNESS_SUBMISSION_H
#define HARNESS_SUBMISSION_H

#include "grader/error.h"
#include "grader/scratch.h"
#include "harness/packs.h"

/* Caps on what an archive may hold, so that no bomb fills the disk: files, bytes of one C file, of one person's archive
 * and of all C files in it, of everything. */
enum { ARCHIVE_ENTRIES_MAX = 100000, ARCHIVE_FILE_BYTES_MAX = 1 << 20, ARCHIVE_INNER_BYTES_MAX = 64 << 20 };
#define ARCHIVE_BYTES_MAX ((int64_t)1 << 30)

/* Where a submission of an unknown challenge or two for one task end up: `problem` says why in one sentence. It is a
 * task like the others, and its result is `skipped` with that sentence. */
struct submission {
    char *person;            /* safe for a file name: letters, digits, "._@+-"; "" for nobody */
    char *task;              /* "gita/attention-causal", unique in the list; the only identity that results have */
    char *path;              /* the file to grade */
    char *shown;             /* how reports name it: the argument, and its place in that folder or archive; escaped */
    const struct pack *pack; /* NULL when the challenge is not known: then there is a problem */
    char sha256[65];         /* "" when it could not be read */
    char *problem;           /* NULL when it can be graded */
};

struct submissions {
    size_t count;
    struct submission *item; /* sorted by task, so that every machine has the same list */
    size_t note_count;
    char **note;             /* what the user should know: sentences */
    struct scratch unpacked; /* what archives were unpacked into */
};

/* `challenge` (or NULL) is --challenge. Fails only when an argument cannot be read at all; a list with nothing in it is
 * no failure here. */
int submissions_find(const struct packs *packs, char *const *argument, size_t count, const char *challenge,
                     struct submissions *list, struct error *err);
void submissions_release(struct submissions *list); /* fine on zeros */

#endif
