/* SPDX-License-Identifier: MIT */
/* See markdown.h. */
#include "harness/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/text_escape.h"

/* The next `wanted` within what a link may span: a page of opening brackets must not be searched once for each. */
static const char *find_near(const char *at, char wanted) {
    enum { LINK_BYTES_MAX = 2000 };
    return memchr(at, wanted, strnlen(at, LINK_BYTES_MAX));
}

/* [text](url): the text, and the address behind it when it is one of the web. Returns NULL if it is no link. */
static const char *put_link(FILE *out, const char *at) {
    const char *close = find_near(at, ']');
    const char *end = close != NULL && close[1] == '(' ? find_near(close, ')') : NULL;
    if (end == NULL)
        return NULL;
    fwrite(at + 1, 1, (size_t)(close - at - 1), out);
    if (strncmp(close + 2, "http", 4) == 0)
        fprintf(out, " (%.*s)", (int)(end - close - 2), close + 2);
    return end + 1;
}

/* $...$; a lone dollar is a dollar. */
static const char *put_math(FILE *out, const char *at) {
    const char *start = at + 1 + (at[1] == '$'), *end = strchr(start, '$');
    if (end == NULL || end == start)
        return NULL;
    char *plain = markdown_formula(start, (size_t)(end - start));
    fputs(plain, out);
    free(plain);
    return end + 1 + (end[1] == '$' && at[1] == '$');
}

static const char *put_code(FILE *out, const char *at) {
    const char *end = strchr(at + 1, '`');
    if (end == NULL)
        return NULL;
    fwrite(at, 1, (size_t)(end - at + 1), out);
    return end + 1;
}

/* Is the single star at `at` the opening of *emphasis*? A product sign has no space or bracket before it, or a space
 * behind it. */
static bool opens_emphasis(const char *text, const char *at) {
    if (at > text && strchr(" (\"", at[-1]) == NULL)
        return false;
    const char *close = isalpha((unsigned char)at[1]) ? strchr(at + 1, '*') : NULL;
    return close != NULL && close[-1] != ' ' && !isalnum((unsigned char)close[1]);
}

/* Length of the marks at `at` that are left out; `*open` is whether emphasis has begun. */
static size_t marks(const char *text, const char *at, bool *open) {
    if (strncmp(at, "**", 2) == 0)
        return 2;
    if (*at != '*' || !(*open || opens_emphasis(text, at)))
        return 0;
    *open = !*open;
    return 1;
}

char *markdown_inline(const char *text) {
    struct heap_text into;
    bool open = false;
    heap_text_open(&into);
    for (const char *at = text; *at != '\0';) {
        const char *next = *at == '['   ? put_link(into.stream, at)
                           : *at == '$' ? put_math(into.stream, at)
                           : *at == '`' ? put_code(into.stream, at)
                                        : NULL;
        if (next != NULL) {
            at = next;
        } else if (*at == '\\' && ispunct((unsigned char)at[1])) {
            fputc(at[1], into.stream);
            at += 2;
        } else if (marks(text, at, &open) > 0) {
            at += strncmp(at, "**", 2) == 0 ? 2 : 1;
        } else {
            fputc(*at++, into.stream);
        }
    }
    return heap_text_take(&into, NULL);
}

struct renderer {
    const struct screen *screen;
    struct heap_text block; /* the lines of a paragraph or list item, not yet shown */
    bool pending;
    size_t indent;
    char label[16];
    bool blank; /* the last line shown was blank */
};

static void put_blank(struct renderer *r) {
    if (!r->blank)
        screen_line(r->screen, "%s", "");
    r->blank = true;
}

static void flush(struct renderer *r) {
    if (!r->pending)
        return;
    char *text = heap_text_take(&r->block, NULL), *plain = markdown_inline(text);
    screen_wrap_labelled(r->screen, r->indent, r->label, plain);
    r->pending = r->blank = false;
    free(plain);
    free(text);
}

static void begin(struct renderer *r, size_t indent, const char *label) {
    flush(r);
    heap_text_open(&r->block);
    r->pending = true;
    r->indent = indent;
    snprintf(r->label, sizeof r->label, "%s", label);
}

static void put_heading(struct renderer *r, const char *line) {
    size_t level = strspn(line, "#");
    char *plain = markdown_inline(line + level + strspn(line + level, " "));
    flush(r);
    put_blank(r);
    screen_marked(r->screen, SCREEN_BOLD, "", plain, "%s", "");
    if (level <= 2) {
        char under[SCREEN_COLUMNS + 1];
        size_t columns = text_columns(plain);
        memset(under, level == 1 ? '=' : '-', sizeof under);
        screen_line(r->screen, "%.*s", (int)(columns < SCREEN_COLUMNS - 2 ? columns : SCREEN_COLUMNS - 2), under);
    }
    r->blank = false;
    free(plain);
}

/* "- ", "* ", "+ " or "12. ": the length with the spaces behind it, 0 if it is no list item. */
static size_t bullet(const char *at) {
    size_t digits = strspn(at, "0123456789");
    if (digits > 0 && digits < 4 && (at[digits] == '.' || at[digits] == ')') && at[digits + 1] == ' ')
        return digits + 2;
    return (at[0] == '-' || at[0] == '*' || at[0] == '+') && at[1] == ' ' ? 2 : 0;
}

static void put_text(struct renderer *r, const char *line) {
    size_t depth = strspn(line, " ");
    const char *at = line + depth;
    size_t item = bullet(at);
    if (item > 0) {
        char label[16];
        size_t in = depth < 8 ? depth : 8;
        bool star = item == 2;
        snprintf(label, sizeof label, "%*s%.*s", (int)in + 2, "", (int)item, star ? "- " : at);
        begin(r, in + 2 + item, label);
        at += item;
    } else if (!r->pending) {
        begin(r, r->blank ? 0 : depth, "");
    } else {
        fputc(' ', r->block.stream);
    }
    fputs(at, r->block.stream);
}

/* Tables keep their lines; the row of dashes and formulas in cells are made plain. */
static void put_table_row(struct renderer *r, const char *line) {
    char *plain = markdown_inline(line);
    flush(r);
    screen_line(r->screen, "  %s", plain);
    r->blank = false;
    free(plain);
}

enum mode { TEXT, CODE, FORMULA, COMMENT };

static enum mode next_mode(struct renderer *r, enum mode mode, const char *line) {
    const char *at = line + strspn(line, " ");
    if (mode == TEXT && strncmp(at, "<!--", 4) == 0)
        return strstr(at, "-->") != NULL ? TEXT : COMMENT;
    if (mode == COMMENT)
        return strstr(at, "-->") != NULL ? TEXT : COMMENT;
    if (mode != FORMULA && (strncmp(at, "```", 3) == 0 || strncmp(at, "~~~", 3) == 0)) {
        flush(r);
        return mode == CODE ? TEXT : CODE;
    }
    if (mode != CODE && strcmp(at, "$$") == 0) {
        flush(r);
        return mode == FORMULA ? TEXT : FORMULA;
    }
    return mode;
}

static void put_line(struct renderer *r, enum mode mode, char *line) {
    const char *at = line + strspn(line, " ");
    if (mode == CODE) {
        screen_line(r->screen, "    %s", line);
        r->blank = false;
    } else if (mode == FORMULA) {
        char *plain = markdown_formula(at, strlen(at));
        screen_wrap(r->screen, 4, "%s", plain);
        r->blank = false;
        free(plain);
    } else if (*at == '\0') {
        flush(r);
        put_blank(r);
    } else if (*line == '#') {
        put_heading(r, line);
    } else if (*at == '|') {
        put_table_row(r, at);
    } else if (strncmp(at, "$$", 2) == 0) {
        begin(r, 4, "");
        fputs(at, r->block.stream);
        flush(r);
    } else if (!r->pending && at - line >= 4) {
        screen_line(r->screen, "%s", line);
        r->blank = false;
    } else {
        put_text(r, line);
    }
}

void markdown_show(const struct screen *screen, const char *text) {
    struct renderer r = {.screen = screen, .blank = true};
    enum mode mode = TEXT;
    char *copy = heap_format("%s", text), *rest = copy, *line;
    for (size_t end = strlen(copy); end > 0 && isspace((unsigned char)copy[end - 1]); end--)
        copy[end - 1] = '\0';
    while ((line = strsep(&rest, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        const char *at = line + strspn(line, " ");
        enum mode next = next_mode(&r, mode, line);
        bool fence = next != mode || mode == COMMENT || (mode == TEXT && strncmp(at, "<!--", 4) == 0);
        if (!fence)
            put_line(&r, mode, line);
        mode = next;
    }
    flush(&r);
    free(copy);
}
