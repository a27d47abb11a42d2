/* SPDX-License-Identifier: MIT */
/* See plot.h. A cell holds marks, not characters: which glyph and which style they become is decided in the end. */
#include "harness/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/plot_scale.h"

enum { WIDTH = 64, HEIGHT = 10, LABEL_EVERY = 3, LABEL_COLUMNS = 11 };

/* MINE and BASE are bits, so that both in one cell is their sum. */
enum mark { BLANK, MINE, BASE, BOTH, HIGH, LOW, BROKEN, MARKS };

struct glyphs {
    const char *mark[MARKS], *wall, *corner, *floor, *arrow;
};

static const struct glyphs ASCII = {
    .mark = {[BLANK] = " ", [MINE] = "*", [BASE] = "o", [BOTH] = "@", [HIGH] = "^", [LOW] = "v", [BROKEN] = "!"},
    .wall = "|",
    .corner = "+",
    .floor = "-",
    .arrow = "X"};
static const struct glyphs UNICODE = {
    .mark = {[BLANK] = " ", [MINE] = "●", [BASE] = "○", [BOTH] = "◉", [HIGH] = "↑", [LOW] = "↓", [BROKEN] = "!"},
    .wall = "│",
    .corner = "└",
    .floor = "─",
    .arrow = "▲"};

struct canvas {
    const struct plot_curves *curves;
    const struct glyphs *glyphs;
    struct plot_scale scale;
    size_t stride; /* columns from one step to the next; 0: several steps share a column */
    bool used[MARKS];
    unsigned char cell[HEIGHT][WIDTH];
};

static size_t column_of(const struct canvas *canvas, size_t step) {
    if (canvas->stride > 0)
        return step * canvas->stride;
    return step * WIDTH / canvas->curves->count;
}

static size_t last_column(const struct canvas *canvas) {
    return column_of(canvas, canvas->curves->count - 1);
}

static void put_mark(struct canvas *canvas, size_t row, size_t column, enum mark mark) {
    unsigned char *cell = &canvas->cell[row][column];
    if (mark <= BOTH && *cell <= BOTH)
        *cell |= (unsigned char)mark;
    else if (mark > *cell)
        *cell = (unsigned char)mark;
}

static void put_value(struct canvas *canvas, size_t column, double value, enum mark mark) {
    const struct plot_scale *scale = &canvas->scale;
    if (value > scale->high) {
        put_mark(canvas, 0, column, HIGH);
    } else if (value < scale->low) {
        put_mark(canvas, HEIGHT - 1, column, LOW);
    } else {
        const double below = (scale->high - value) / (scale->high - scale->low);
        put_mark(canvas, (size_t)lround(below * (HEIGHT - 1)), column, mark);
    }
}

/* The steps from..to of one curve, which share a column: their extremes, and whether one is not finite. */
static void put_column(struct canvas *canvas, const double *value, size_t from, size_t to, enum mark mark) {
    const size_t column = column_of(canvas, from);
    double least = INFINITY, most = -INFINITY;
    for (size_t i = from; i < to; i++) {
        if (!isfinite(value[i])) {
            put_mark(canvas, 0, column, BROKEN);
            continue;
        }
        least = fmin(least, value[i]);
        most = fmax(most, value[i]);
    }
    if (least <= most) {
        put_value(canvas, column, least, mark);
        put_value(canvas, column, most, mark);
    }
}

static void draw(struct canvas *canvas) {
    const struct plot_curves *curves = canvas->curves;
    for (size_t from = 0, to; from < curves->count; from = to) {
        to = from + 1;
        while (to < curves->count && column_of(canvas, to) == column_of(canvas, from))
            to++;
        put_column(canvas, curves->expected, from, to, BASE);
        put_column(canvas, curves->got, from, to, MINE);
    }
    for (size_t row = 0; row < HEIGHT; row++)
        for (size_t column = 0; column < WIDTH; column++)
            canvas->used[canvas->cell[row][column]] = true;
}

/* The candidate is good until the curves part, and bad from there on. */
static enum screen_style style_of(const struct canvas *canvas, enum mark mark, size_t column) {
    const int64_t first = canvas->curves->first;
    if (mark == BROKEN || mark == HIGH || mark == LOW)
        return SCREEN_WARN;
    if (mark != MINE && mark != BOTH)
        return SCREEN_PLAIN;
    return first >= 0 && column >= column_of(canvas, (size_t)first) ? SCREEN_BAD : SCREEN_GOOD;
}

static double value_of_row(const struct canvas *canvas, size_t row) {
    const double part = (double)row / (HEIGHT - 1);
    return canvas->scale.high * (1 - part) + canvas->scale.low * part;
}

/* As few digits as tell all labels from one another. */
static int label_digits(const struct canvas *canvas) {
    enum { LEAST = 4, MOST = 9 };
    for (int digits = LEAST;; digits++) {
        char before[FORMAT_SIZE] = "", text[FORMAT_SIZE];
        bool same = false, wide = false;
        for (size_t row = 0; row < HEIGHT; row += LABEL_EVERY) {
            snprintf(text, sizeof text, "%.*g", digits, value_of_row(canvas, row));
            same = same || strcmp(text, before) == 0;
            wide = wide || strlen(text) > LABEL_COLUMNS;
            memcpy(before, text, sizeof before);
        }
        if (wide && digits > LEAST)
            return digits - 1;
        if (!same || digits == MOST)
            return digits;
    }
}

static void put_row(const struct screen *screen, const struct canvas *canvas, size_t row, int digits) {
    struct screen_span span[WIDTH + 1];
    char label[FORMAT_SIZE] = "", *head;
    size_t end = WIDTH, count = 0;
    if (row % LABEL_EVERY == 0)
        snprintf(label, sizeof label, "%.*g", digits, value_of_row(canvas, row));
    head = heap_format("  %*s %s", LABEL_COLUMNS, label, canvas->glyphs->wall);
    span[count++] = (struct screen_span){SCREEN_PLAIN, head};
    while (end > 0 && canvas->cell[row][end - 1] == BLANK)
        end--;
    for (size_t column = 0; column < end; column++) {
        const enum mark mark = (enum mark)canvas->cell[row][column];
        span[count++] = (struct screen_span){style_of(canvas, mark, column), canvas->glyphs->mark[mark]};
    }
    screen_spans(screen, span, count);
    free(head);
}

static void put_axis(const struct screen *screen, const struct canvas *canvas) {
    const int64_t first = canvas->curves->first;
    struct screen_span span[WIDTH + 1];
    size_t count = 0;
    char *head = heap_format("  %*s %s", LABEL_COLUMNS, "", canvas->glyphs->corner);
    span[count++] = (struct screen_span){SCREEN_PLAIN, head};
    for (size_t column = 0; column < WIDTH; column++) {
        const bool here = first >= 0 && column == column_of(canvas, (size_t)first);
        span[count++] = here ? (struct screen_span){SCREEN_BAD, canvas->glyphs->arrow}
                             : (struct screen_span){SCREEN_PLAIN, canvas->glyphs->floor};
    }
    screen_spans(screen, span, count);
    free(head);
}

/* Writes a step's number centred below its column, if there is room. */
static void put_step(char line[WIDTH + 1], size_t step, size_t column) {
    char text[FORMAT_SIZE];
    const size_t length = (size_t)snprintf(text, sizeof text, "%zu", step);
    size_t at = column > length / 2 ? column - length / 2 : 0;
    at = at + length > WIDTH ? WIDTH - length : at;
    for (size_t i = at > 0 ? at - 1 : 0; i < at + length + 1 && i < WIDTH; i++)
        if (line[i] != ' ')
            return;
    memcpy(line + at, text, length);
}

static void put_steps(const struct screen *screen, const struct canvas *canvas) {
    const struct plot_curves *curves = canvas->curves;
    char line[WIDTH + 1];
    memset(line, ' ', WIDTH);
    line[WIDTH] = '\0';
    if (curves->first >= 0)
        put_step(line, (size_t)curves->first, column_of(canvas, (size_t)curves->first));
    put_step(line, 0, 0);
    put_step(line, curves->count - 1, last_column(canvas));
    screen_line(screen, "  %*s  %s", LABEL_COLUMNS, "step", line);
}

static void put_legend(const struct screen *screen, const struct canvas *canvas) {
    static const char *const words[MARKS] = {[MINE] = "yours",  [BASE] = "reference", [BOTH] = "both",
                                             [HIGH] = "higher", [LOW] = "lower",      [BROKEN] = "not finite"};
    struct screen_span span[3 * MARKS];
    char *text[MARKS] = {NULL};
    size_t count = 0;
    for (enum mark mark = MINE; mark < MARKS; mark++) {
        if (mark > BOTH && !canvas->used[mark])
            continue;
        text[mark] = heap_format(" %s", words[mark]);
        span[count] = (struct screen_span){SCREEN_PLAIN, count == 0 ? "  " : "   "};
        count++;
        span[count++] = (struct screen_span){style_of(canvas, mark, 0), canvas->glyphs->mark[mark]};
        span[count++] = (struct screen_span){SCREEN_PLAIN, text[mark]};
    }
    screen_spans(screen, span, count);
    for (enum mark mark = MINE; mark < MARKS; mark++)
        free(text[mark]);
}

/* No number is "-nan", whatever its bits. */
static void format_digits(char text[FORMAT_SIZE], int digits, double value) {
    const char *word = format_not_finite(value);
    if (word != NULL)
        snprintf(text, FORMAT_SIZE, "%s", word);
    else
        snprintf(text, FORMAT_SIZE, "%.*g", digits, value);
}

/* As many digits as tell the two numbers apart. */
static void format_pair(char got[FORMAT_SIZE], char expected[FORMAT_SIZE], double a, double b) {
    for (int digits = 4; digits <= 17; digits++) {
        format_digits(got, digits, a);
        format_digits(expected, digits, b);
        if (strcmp(got, expected) != 0)
            return;
    }
}

static void put_sentence(const struct screen *screen, const struct canvas *canvas) {
    const struct plot_curves *curves = canvas->curves;
    const size_t first = (size_t)curves->first;
    char got[FORMAT_SIZE], expected[FORMAT_SIZE];
    format_pair(got, expected, curves->got[first], curves->expected[first]);
    char *allowed = curves->tolerance > 0 && isfinite(curves->tolerance)
                        ? heap_format("; %.2g is allowed", curves->tolerance)
                        : heap_format("%s", "");
    screen_wrap(screen, 2, "%s the curves part at step %zu: %s against %s%s", canvas->glyphs->arrow, first, got,
                expected, allowed);
    free(allowed);
}

void plot_curves(const struct screen *screen, const struct plot_curves *curves) {
    struct canvas canvas = {.curves = curves,
                            .glyphs = screen->utf8 ? &UNICODE : &ASCII,
                            .scale = plot_scale_make(curves),
                            .stride = curves->count > WIDTH ? 0
                                      : curves->count > 1   ? (WIDTH - 1) / (curves->count - 1)
                                                            : 1};
    draw(&canvas);
    const int digits = label_digits(&canvas);
    for (size_t row = 0; row < HEIGHT; row++)
        put_row(screen, &canvas, row, digits);
    put_axis(screen, &canvas);
    put_steps(screen, &canvas);
    put_legend(screen, &canvas);
    if (curves->first >= 0)
        put_sentence(screen, &canvas);
}
