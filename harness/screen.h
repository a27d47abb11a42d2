/* SPDX-License-Identifier: MIT */
/* Lines for people. Every line of a report goes through here: it is escaped, cut to 80 columns and only then coloured,
 * so no field of a result can carry a control sequence to the terminal, whoever wrote it. */
#ifndef HARNESS_SCREEN_H
#define HARNESS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SCREEN_COLUMNS = 80 };

enum screen_style { SCREEN_PLAIN, SCREEN_GOOD, SCREEN_BAD, SCREEN_WARN, SCREEN_BOLD };

enum screen_choice { SCREEN_AUTO, SCREEN_ALWAYS, SCREEN_NEVER };

struct screen {
    FILE *out;
    bool colour;
    bool utf8;
};

/* Colour for this stream: --color wins, then NO_COLOR (non-empty), CLICOLOR_FORCE (not empty, not 0), TERM=dumb, and at
 * last whether it is a terminal. */
bool screen_wants_colour(FILE *out, enum screen_choice choice);

/* True when the user's locale says UTF-8. */
bool screen_is_utf8(void);

void screen_line(const struct screen *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `before`, then `word` in the style, then the rest. `before` and `word` are our own ASCII words. */
void screen_marked(const struct screen *screen, enum screen_style style, const char *before, const char *word,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* One line of parts in styles of their own. The parts are our own words and glyphs, and the last ends in no space. */
struct screen_span {
    enum screen_style style;
    const char *text;
};
void screen_spans(const struct screen *screen, const struct screen_span *span, size_t count);

/* Text of any length, broken between words, each line behind `indent` spaces. */
void screen_wrap(const struct screen *screen, size_t indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first line behind `label` (padded to `indent` columns), the others behind spaces. */
void screen_wrap_labelled(const struct screen *screen, size_t indent, const char *label, const char *text);

/* As screen_marked, and `text` starts in column `indent` and goes on there in the lines below. */
void screen_stage(const struct screen *screen, enum screen_style style, const char *before, const char *word,
                  const char *after, size_t indent, const char *text);

/* A line that may be longer than the screen, escaped all the same: for text that programs parse. */
void screen_raw(const struct screen *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "harness: SENTENCE" on the standard error, escaped: what is said beside the result. */
void screen_note(const char *sentence);

#endif
