/* SPDX-License-Identifier: MIT */
/* See board.h. */
#include "harness/batch/board.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/clock.h"
#include "harness/batch/tally.h"
#include "harness/format.h"
#include "harness/screen.h"
#include "harness/text_escape.h"

enum { BAR = 24, REDRAW_NS = 100000000, CURRENT_COLUMNS = 24 };

void board_start(struct board *board, size_t total, bool quiet) {
    const char *term = getenv("TERM");
    *board = (struct board){.quiet = quiet, .total = total, .started_ns = clock_now_ns()};
    board->live = !quiet && isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

void board_words(const struct board *board, int64_t now_ns, char *text, size_t size) {
    char bar[BAR + 1], eta[32] = "";
    const size_t full = board->total > 0 ? board->done * BAR / board->total : BAR;
    const size_t graded = board->done - board->old; /* what was there already took no time */
    const double seconds = (double)(now_ns - board->started_ns) * 1e-9;
    memset(bar, '-', BAR);
    memset(bar, '#', full < BAR ? full : BAR);
    bar[BAR] = '\0';
    if (graded > 0 && board->done < board->total) {
        const double left_s = seconds / (double)graded * (double)(board->total - board->done);
        if (left_s < 600)
            snprintf(eta, sizeof eta, "  ETA %.0f s", ceil(left_s));
        else
            snprintf(eta, sizeof eta, "  ETA %.0f min", ceil(left_s / 60));
    }
    char *current = text_escape(board->current, strlen(board->current), screen_is_utf8());
    snprintf(text, size, "[%s] %zu/%zu  %.*s%s%s", bar, board->done, board->total,
             (int)text_fit(current, CURRENT_COLUMNS), current,
             board->current[0] != '\0' && board->stage[0] != '\0' ? " " : "", board->stage);
    free(current);
    const size_t used = strlen(text), columns = SCREEN_COLUMNS - 1 - strlen(eta);
    const size_t keep = text_fit(text, columns);
    if (used > keep)
        text[keep] = '\0';
    strncat(text, eta, size - strlen(text) - 1);
}

void board_draw(struct board *board) {
    char words[3 * SCREEN_COLUMNS];
    const int64_t now_ns = clock_now_ns();
    if (!board->live || now_ns - board->drawn_ns < REDRAW_NS)
        return;
    board->drawn_ns = now_ns;
    board->shown = true;
    board_words(board, now_ns, words, sizeof words);
    fprintf(stderr, "\r\033[K%s", words);
    fflush(stderr);
}

void board_clear(struct board *board) {
    if (board->shown)
        fputs("\r\033[K", stderr);
    board->shown = false;
}

void board_at(struct board *board, const char *shown, const char *stage) {
    snprintf(board->current, sizeof board->current, "%s", shown);
    snprintf(board->stage, sizeof board->stage, "%s", stage);
    board_draw(board);
}

static void print_line(const struct board *board, const struct record *record) {
    const struct screen screen = {stderr, false, screen_is_utf8()};
    const struct result *result = &record->result;
    char ratio[FORMAT_SIZE] = "", *verdict = tally_verdict(result->verdict);
    if (result->ratio > 0)
        format_ratio(ratio, result->ratio);
    screen_line(&screen, "[%zu/%zu] %s %s %.4g points%s%s", board->done, board->total, record->task, verdict,
                result->points, ratio[0] != '\0' ? " " : "", ratio);
    free(verdict);
}

void board_finished(struct board *board, const struct record *record, bool old) {
    board->done++;
    board->old += old;
    if (board->live)
        board_draw(board);
    else if (!board->quiet && !old)
        print_line(board, record);
}
