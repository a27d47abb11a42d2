/* SPDX-License-Identifier: MIT */
/* See progress.h. */
#include "harness/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/heap.h"
#include "harness/screen.h"
#include "harness/text_escape.h"

enum { REDRAW_NS = 100000000, FILE_COLUMNS = 30, BAR = 20 };

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void progress_start(struct progress *progress, const char *file, bool wanted) {
    const char *term = getenv("TERM");
    *progress = (struct progress){.file = file};
    progress->active = wanted && isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

void progress_words(const struct progress *progress, size_t done, size_t total, int64_t now_ns, char *text,
                    size_t size) {
    char *file = text_escape(progress->file, strlen(progress->file), false);
    size_t length = strlen(file), from = length > FILE_COLUMNS ? length - FILE_COLUMNS : 0;
    char bar[BAR + 1];
    if (total == 0) {
        snprintf(text, size, "%s  %s", file + from, progress->stage);
        free(file);
        return;
    }
    size_t full = done < total ? done * BAR / total : BAR;
    memset(bar, '-', BAR);
    memset(bar, '#', full);
    bar[BAR] = '\0';
    double seconds = (double)(now_ns - progress->stage_started_ns) / 1e9;
    if (done > 0 && done < total && seconds > 1)
        snprintf(text, size, "%s  %s [%s] %zu/%zu  ETA %.0f s", file + from, progress->stage, bar, done, total,
                 seconds / (double)done * (double)(total - done));
    else
        snprintf(text, size, "%s  %s [%s] %zu/%zu", file + from, progress->stage, bar, done, total);
    free(file);
}

void progress_tell(void *context, const char *stage, size_t done, size_t total) {
    struct progress *progress = context;
    char words[2 * SCREEN_COLUMNS];
    if (!progress->active)
        return;
    int64_t time = now();
    if (strncmp(progress->stage, stage, sizeof progress->stage - 1) != 0) {
        snprintf(progress->stage, sizeof progress->stage, "%s", stage);
        progress->stage_started_ns = time;
    } else if (time - progress->drawn_ns < REDRAW_NS) {
        return;
    }
    progress->drawn_ns = time;
    progress->shown = true;
    progress_words(progress, done, total, time, words, sizeof words);
    fprintf(stderr, "\r\033[K%.*s", SCREEN_COLUMNS - 1, words);
    fflush(stderr);
}

void progress_clear(struct progress *progress) {
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
