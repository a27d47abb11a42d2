/* SPDX-License-Identifier: MIT */
/* What people see while a run goes on, on stderr: one line with a bar on a terminal, a plain line for each result
 * elsewhere. */
#ifndef HARNESS_BOARD_H
#define HARNESS_BOARD_H

#include "harness/result/record.h"

struct board {
    bool quiet, live; /* live: a terminal that can erase a line */
    bool shown;
    size_t total, done, old;
    int64_t started_ns, drawn_ns;
    char current[80]; /* what somebody is at */
    char stage[40];
};

void board_start(struct board *board, size_t total, bool quiet);
void board_at(struct board *board, const char *shown, const char *stage);
void board_finished(struct board *board, const struct record *record, bool old);
void board_draw(struct board *board);
void board_clear(struct board *board);

/* The words of the line with the bar: exposed for tests. */
void board_words(const struct board *board, int64_t now_ns, char *text, size_t size);

#endif
