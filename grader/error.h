/* SPDX-License-Identifier: MIT */
/* Our own faults. A candidate's fault is a verdict (grader/verdict.h) and never passes through here. */
#ifndef GRADER_ERROR_H
#define GRADER_ERROR_H

#include <stddef.h>

/* Who has to act; harness/ turns it into the exit code. */
enum error_owner {
    ERROR_HARNESS = 0, /* the machine or the harness: an operator, exit 4 */
    ERROR_USER,        /* command line or a file that is not there: exit 2 */
    ERROR_CHALLENGE    /* the pack is broken: its author, exit 3 */
};

/* One complete sentence: what was tried, on what, why it failed, the remedy. */
struct error {
    enum error_owner owner;
    char text[1024];
};

/* Fills `err` (which may be NULL) and returns -1, so that a caller writes `return error_set(...)`. */
int error_set(struct error *err, enum error_owner owner, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What to do about a limit of the caller's that errno names: "; raise ... (ulimit -n)", or nothing. */
const char *error_remedy(int code);

/* As error_set for ERROR_HARNESS, with ": ", the text of errno and its remedy at the end. */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends a text that did not fit into its `size` bytes with "...", between two characters of UTF-8. */
void error_cut(char *text, size_t size);

#endif
