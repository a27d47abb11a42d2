/* SPDX-License-Identifier: MIT */
/* One line on the terminal's stderr that says what is going on and how long it may take. Nothing anywhere else. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool active; /* stderr is a terminal that can erase a line */
    bool shown;  /* there is a line to erase */
    const char *file;
    char stage[32];
    int64_t stage_started_ns, drawn_ns;
};

void progress_start(struct progress *progress, const char *file, bool wanted);

/* A grade_progress_fn; `context` is the struct progress. Draws at most ten times a second. */
void progress_tell(void *context, const char *stage, size_t done, size_t total);

void progress_clear(struct progress *progress);

/* The words of the line, without control sequences: exposed for tests. At most `size` bytes. */
void progress_words(const struct progress *progress, size_t done, size_t total, int64_t now_ns, char *text,
                    size_t size);

#endif
