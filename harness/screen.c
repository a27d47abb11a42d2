/* SPDX-License-Identifier: MIT */
/* See screen.h. */
#include "harness/screen.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/heap.h"
#include "harness/text_escape.h"

static const char *const STYLE[] = {
    [SCREEN_PLAIN] = "",          [SCREEN_GOOD] = "\033[1;32m", [SCREEN_BAD] = "\033[1;31m",
    [SCREEN_WARN] = "\033[1;33m", [SCREEN_BOLD] = "\033[1m",
};

bool screen_wants_colour(FILE *out, enum screen_choice choice) {
    if (choice != SCREEN_AUTO)
        return choice == SCREEN_ALWAYS;
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *term = getenv("TERM");
    if (no != NULL && no[0] != '\0')
        return false;
    if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0)
        return true;
    return isatty(fileno(out)) && (term == NULL || strcmp(term, "dumb") != 0);
}

bool screen_is_utf8(void) {
    locale_t user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (user == (locale_t)0)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
    freelocale(user);
    return utf8;
}

__attribute__((format(printf, 1, 0))) static char *format_list(const char *format, va_list arguments) {
    struct heap_text into;
    heap_text_open(&into);
    vfprintf(into.stream, format, arguments);
    return heap_text_take(&into, NULL);
}

/* Escapes and cuts, drops spaces at the end. Takes ownership of `text`. */
static char *make_line(const struct screen *screen, char *text) {
    char *line = text_escape(text, strlen(text), screen->utf8);
    free(text);
    size_t fits = text_fit(line, SCREEN_COLUMNS);
    if (line[fits] != '\0') {
        fits = text_fit(line, SCREEN_COLUMNS - 2);
        line[fits] = '\0';
        char *cut = heap_format("%s..", line);
        free(line);
        return cut;
    }
    for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
        line[end - 1] = '\0';
    return line;
}

void screen_line(const struct screen *screen, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *line = make_line(screen, format_list(format, arguments));
    va_end(arguments);
    fprintf(screen->out, "%s\n", line);
    free(line);
}

void screen_raw(const struct screen *screen, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = format_list(format, arguments);
    va_end(arguments);
    char *line = text_escape(text, strlen(text), screen->utf8);
    fprintf(screen->out, "%s\n", line);
    free(line);
    free(text);
}

void screen_marked(const struct screen *screen, enum screen_style style, const char *before, const char *word,
                   const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *rest = format_list(format, arguments);
    va_end(arguments);
    char *line = make_line(screen, heap_format("%s%s%s", before, word, rest));
    free(rest);
    size_t first = strlen(before), length = strlen(word);
    if (!screen->colour || style == SCREEN_PLAIN || strlen(line) < first + length)
        fprintf(screen->out, "%s\n", line);
    else
        fprintf(screen->out, "%.*s%s%.*s\033[0m%s\n", (int)first, line, STYLE[style], (int)length, line + first,
                line + first + length);
    free(line);
}

/* Neighbours of one style share their sequences. */
void screen_spans(const struct screen *screen, const struct screen_span *span, size_t count) {
    enum screen_style now = SCREEN_PLAIN;
    size_t left = SCREEN_COLUMNS;
    for (size_t i = 0; i < count; i++) {
        char *safe = text_escape(span[i].text, strlen(span[i].text), screen->utf8);
        safe[text_fit(safe, left)] = '\0';
        left -= text_columns(safe);
        if (screen->colour && span[i].style != now)
            fprintf(screen->out, "%s%s", now != SCREEN_PLAIN ? "\033[0m" : "", STYLE[span[i].style]);
        now = span[i].style;
        fputs(safe, screen->out);
        free(safe);
    }
    fprintf(screen->out, "%s\n", screen->colour && now != SCREEN_PLAIN ? "\033[0m" : "");
}

/* Bytes of `text` for one line of `columns`: up to the last space that fits, or a hard cut in a word that is too long.
 * `*skip` is where the next line starts. */
static size_t break_at(const char *text, size_t columns, size_t *skip) {
    size_t fits = text_fit(text, columns), end = fits;
    if (text[fits] != '\0') {
        while (end > 0 && (text[end] != ' ' || text[end + 1] == '%')) /* "3 %" stays together */
            end--;
        if (end == 0)
            end = fits > 0 ? fits : 1;
    }
    *skip = end + strspn(text + end, " ");
    return end;
}

/* One flat, escaped string: line feeds and tabs separate words like spaces do. */
static char *flatten(const struct screen *screen, const char *text) {
    char *flat = heap_copy(text, strlen(text));
    for (char *at = flat; *at != '\0'; at++)
        if (*at == '\n' || *at == '\t' || *at == '\r')
            *at = ' ';
    char *safe = text_escape(flat, strlen(flat), screen->utf8);
    free(flat);
    return safe;
}

void screen_stage(const struct screen *screen, enum screen_style style, const char *before, const char *word,
                  const char *after, size_t indent, const char *text) {
    char *safe = flatten(screen, text);
    size_t room = SCREEN_COLUMNS - 2 - indent, skip, length = break_at(safe, room, &skip);
    size_t used = strlen(before) + strlen(word);
    screen_marked(screen, style, before, word, "%-*s%.*s", (int)(indent > used ? indent - used : 0), after, (int)length,
                  safe);
    if (safe[skip] != '\0')
        screen_wrap_labelled(screen, indent, "", safe + skip);
    free(safe);
}

void screen_wrap_labelled(const struct screen *screen, size_t indent, const char *label, const char *text) {
    char *safe = flatten(screen, text);
    const char *rest = safe + strspn(safe, " ");
    do {
        size_t skip, length = break_at(rest, SCREEN_COLUMNS - 2 - indent, &skip);
        screen_line(screen, "%-*s%.*s", (int)indent, label, (int)length, rest);
        rest += skip;
        label = "";
    } while (*rest != '\0');
    free(safe);
}

void screen_wrap(const struct screen *screen, size_t indent, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = format_list(format, arguments);
    va_end(arguments);
    screen_wrap_labelled(screen, indent, "", text);
    free(text);
}

void screen_note(const char *sentence) {
    char *text = text_escape(sentence, strlen(sentence), screen_is_utf8());
    fprintf(stderr, "harness: %s\n", text);
    free(text);
}
