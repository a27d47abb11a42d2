/* SPDX-License-Identifier: MIT */
/* What the compiler said, as data. The text is partly the candidate's: reports must escape it. */
#ifndef GRADER_DIAGNOSTICS_H
#define GRADER_DIAGNOSTICS_H

#include <stddef.h>

struct diagnostic { /* one message of the compiler or the linker */
    char *kind;     /* "error", "warning" */
    char *message;
    char *file;           /* as the candidate named it; NULL when unknown */
    int line, column;     /* 0 if unknown */
    char *source;         /* the source line, or NULL */
    int caret, caret_end; /* bytes of `source`, 1-based, both ends included; 0 if unknown */
};

struct diagnostics {
    size_t count, error_count, warning_count;
    struct diagnostic *item;
};

/* Reads the output of gcc -fdiagnostics-format=json with linker lines mixed in (-Wl errors are plain text). `compiled`
 * is the name under which the file was compiled and `shown` the one to show; `source` is its text. Never fails: what it
 * cannot read it leaves out. */
void diagnostics_read(const char *output, size_t size, const char *compiled, const char *shown, const char *source,
                      struct diagnostics *diagnostics);
void diagnostics_release(struct diagnostics *diagnostics);

#endif
