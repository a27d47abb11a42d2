/* SPDX-License-Identifier: MIT */
/* What the compiler said, short: the first errors with their source lines, and the prototype to write. */
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/report_part.h"
#include "harness/text_escape.h"

enum { SOURCE_ROOM = 66, ERRORS_SHOWN = 3 };

/* The columns of the first `count` bytes of `source`, as shown. */
static size_t shown_columns(const struct screen *screen, const char *source, int count) {
    size_t size = strlen(source), bytes = count > 0 ? (size_t)count : 0;
    char *part = text_escape(source, bytes < size ? bytes : size, screen->utf8);
    size_t columns = text_columns(part);
    free(part);
    return columns;
}

/* The source line and the marks under it; a long line is shown around the place of the message. */
static void put_source(const struct screen *screen, const struct diagnostic *d) {
    char *line = text_escape(d->source, strlen(d->source), screen->utf8);
    size_t first = shown_columns(screen, d->source, d->caret - 1), skip = 0;
    size_t last = d->caret_end > d->caret ? shown_columns(screen, d->source, d->caret_end) : first + 1;
    if (last > SOURCE_ROOM && first > SOURCE_ROOM / 3)
        skip = first - SOURCE_ROOM / 3;
    size_t from = text_fit(line, skip), fits = text_fit(line + from, SOURCE_ROOM);
    screen_line(screen, "  %5d | %.*s", d->line, (int)fits, line + from);
    if (d->caret > 0) {
        char marks[SOURCE_ROOM];
        size_t place = first - skip < SOURCE_ROOM ? first - skip : SOURCE_ROOM - 1;
        size_t length = last - first < SOURCE_ROOM - place ? last - first : SOURCE_ROOM - place;
        memset(marks, '~', sizeof marks);
        marks[0] = '^';
        screen_line(screen, "        | %*s%.*s", (int)place, "", (int)(length > 0 ? length : 1), marks);
    }
    free(line);
}

static void put_diagnostic(const struct screen *screen, const struct diagnostic *d) {
    char *at = d->line > 0 ? heap_format("%s:%d:%d", d->file != NULL ? d->file : "?", d->line, d->column)
                           : heap_format("%s", d->file != NULL ? d->file : "the file");
    screen_wrap(screen, 2, "%s  %s", at, d->message != NULL ? d->message : "");
    if (d->source != NULL)
        put_source(screen, d);
    free(at);
}

void report_diagnostics(const struct screen *screen, const struct grade *grade, const char *kind, size_t most) {
    size_t seen = 0;
    for (size_t i = 0; i < grade->build.diagnostics.count; i++) {
        const struct diagnostic *d = &grade->build.diagnostics.item[i];
        bool is = d->kind != NULL && strstr(d->kind, kind) != NULL;
        if (is && seen++ < most)
            put_diagnostic(screen, d);
    }
    if (seen > most)
        screen_line(screen, "  ... and %zu more", seen - most);
}

/* The compiler's own layout, "file:line:column: kind: message", which editors can read. Its output itself is made for
 * programs and is shown only when no message could be read from it. */
static void put_raw(const struct screen *screen, const struct build_report *build) {
    for (size_t i = 0; i < build->diagnostics.count; i++) {
        const struct diagnostic *d = &build->diagnostics.item[i];
        screen_raw(screen, "%s:%d:%d: %s: %s", d->file != NULL ? d->file : "?", d->line, d->column,
                   d->kind != NULL ? d->kind : "note", d->message != NULL ? d->message : "");
        if (d->source != NULL) {
            screen_raw(screen, "%5d | %s", d->line, d->source);
            size_t before = shown_columns(screen, d->source, d->caret - 1);
            screen_raw(screen, "      | %*s%s", (int)before, "", d->caret > 0 ? "^" : "");
        }
    }
    if (build->detail[0] != '\0')
        screen_raw(screen, "%s", build->detail);
    if (build->diagnostics.count == 0 && build->raw != NULL) {
        char *lines = text_escape_lines(build->raw, strlen(build->raw), screen->utf8);
        fprintf(screen->out, "%s\n", lines);
        free(lines);
    }
}

static void put_prototypes(const struct screen *screen, const struct spec *spec) {
    screen_line(screen, "  The function%s to write:", spec->entry_count > 1 ? "s" : "");
    for (size_t e = 0; e < spec->entry_count; e++) {
        char *text = spec_prototype(spec, e), *rest = text, *line;
        while (text != NULL && (line = strsep(&rest, "\n")) != NULL)
            if (line[0] != '\0')
                screen_line(screen, "      %s", line);
        free(text);
    }
}

void report_compile_error(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    if (look->raw) {
        put_raw(screen, &grade->build);
        return;
    }
    report_diagnostics(screen, grade, "error", ERRORS_SHOWN);
    if (grade->build.diagnostics.error_count == 0 && grade->build.detail[0] != '\0')
        screen_wrap(screen, 2, "%s", grade->build.detail);
    if (grade->spec != NULL)
        put_prototypes(screen, grade->spec);
}
