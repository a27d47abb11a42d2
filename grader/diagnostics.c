/* SPDX-License-Identifier: MIT */
#include "grader/diagnostics.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIAGNOSTICS_MAX = 64, LINE_MAX_BYTES = 400, TEXT_MAX_BYTES = 1000, NUMBER_MAX = 1000000000 };

/* A few lines of macros make a message of megabytes, which nobody reads and every report would repeat. */
static char *copy_text(const char *text) {
    char *copy = NULL;
    if (text == NULL)
        return NULL;
    size_t length = strnlen(text, TEXT_MAX_BYTES + 1);
    if (length <= TEXT_MAX_BYTES)
        return strdup(text);
    for (length = TEXT_MAX_BYTES; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    return asprintf(&copy, "%.*s...", (int)length, text) < 0 ? NULL : copy;
}

static struct diagnostic *append(struct diagnostics *all) {
    if (all->count >= DIAGNOSTICS_MAX)
        return NULL;
    struct diagnostic *grown = realloc(all->item, (all->count + 1) * sizeof *grown);
    if (grown == NULL)
        return NULL;
    all->item = grown;
    grown[all->count] = (struct diagnostic){0};
    return &grown[all->count++];
}

static char *source_line(const char *source, int line) {
    for (int i = 1; source != NULL && i < line; i++) {
        source = strchr(source, '\n');
        source = source != NULL ? source + 1 : NULL;
    }
    if (source == NULL || *source == '\0' || line < 1)
        return NULL;
    size_t length = strcspn(source, "\r\n");
    return strndup(source, length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES);
}

/* gcc says -1 for a column that it does not know. A text that only looks like gcc's may say anything. */
static int number_at(const cJSON *object, const char *key) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(value) || value->valueint <= 0)
        return 0;
    return value->valueint < NUMBER_MAX ? value->valueint : NUMBER_MAX;
}

static const char *text_at(const cJSON *object, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool is_file(const char *name, const char *compiled) {
    if (name == NULL)
        return false;
    if (strncmp(name, "./", 2) == 0)
        name += 2;
    return strcmp(name, compiled) == 0;
}

/* The first place in the candidate's own file: a message inside a macro of a header still points at its line. */
static void read_location(const cJSON *entry, const char *compiled, const char *shown, const char *source,
                          struct diagnostic *d) {
    const cJSON *location;
    cJSON_ArrayForEach(location, cJSON_GetObjectItemCaseSensitive(entry, "locations")) {
        const cJSON *caret = cJSON_GetObjectItemCaseSensitive(location, "caret");
        const char *file = text_at(caret, "file");
        bool own = is_file(file, compiled);
        if (!own && d->file != NULL)
            continue;
        free(d->file);
        d->file = copy_text(own ? shown : file);
        d->line = number_at(caret, "line");
        d->column = number_at(caret, "column");
        if (!own)
            continue;
        const cJSON *finish = cJSON_GetObjectItemCaseSensitive(location, "finish");
        d->source = source_line(source, d->line);
        /* "column" is where a terminal shows it: tabs and wide letters make it differ from the byte. */
        d->caret = number_at(caret, "byte-column");
        bool same_line = finish != NULL && number_at(finish, "line") == d->line;
        d->caret_end = same_line ? number_at(finish, "byte-column") : d->caret;
        return;
    }
}

static void count_kind(struct diagnostics *all, const char *kind) {
    if (strstr(kind, "error") != NULL)
        all->error_count++;
    else if (strcmp(kind, "warning") == 0)
        all->warning_count++;
}

static void read_entry(const cJSON *entry, const char *compiled, const char *shown, const char *source,
                       struct diagnostics *all) {
    const char *kind = text_at(entry, "kind"), *message = text_at(entry, "message");
    if (kind == NULL || message == NULL || strcmp(kind, "note") == 0)
        return;
    count_kind(all, kind);
    struct diagnostic *d = append(all);
    if (d == NULL)
        return;
    d->kind = copy_text(kind);
    d->message = copy_text(message);
    read_location(entry, compiled, shown, source, d);
}

/* Children are notes as a rule, but an error that comes while gcc warns is a child of the warning. */
static void read_family(const cJSON *entry, const char *compiled, const char *shown, const char *source,
                        struct diagnostics *all) {
    const cJSON *child;
    read_entry(entry, compiled, shown, source, all);
    cJSON_ArrayForEach(child, cJSON_GetObjectItemCaseSensitive(entry, "children"))
        read_entry(child, compiled, shown, source, all);
}

/* The array is read entry by entry: of one that the log's end cut off, the whole entries before the cut remain. */
static void read_array(const char *text, size_t size, const char *compiled, const char *shown, const char *source,
                       struct diagnostics *all) {
    const char *end = text + size, *after = NULL;
    for (const char *next = text + 1; next < end; next = after) {
        while (next < end && (*next == ',' || *next == ' '))
            next++;
        cJSON *entry = cJSON_ParseWithLengthOpts(next, (size_t)(end - next), &after, false);
        if (entry == NULL)
            return;
        read_family(entry, compiled, shown, source, all);
        cJSON_Delete(entry);
    }
}

/* "sub.c:12: Error: no such instruction: `nonsense'" of the assembler, or "{standard input}:12: ..." where it does not
 * know the line. */
static bool read_assembler_line(const char *line, size_t length, const char *compiled, const char *shown,
                                const char *source, struct diagnostics *all) {
    char text[LINE_MAX_BYTES];
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    char *error = strstr(text, ": Error: ");
    if (error == NULL)
        return false;
    *error = '\0';
    char *number = strrchr(text, ':');
    if (number == NULL || number[1 + strspn(number + 1, "0123456789")] != '\0')
        return false;
    *number = '\0';
    if (strcmp(text, "{standard input}") != 0 && !is_file(text, compiled))
        return false;
    all->error_count++;
    struct diagnostic *d = append(all);
    if (d == NULL)
        return true;
    d->kind = copy_text("error");
    d->message = copy_text(error + strlen(": Error: "));
    if (is_file(text, compiled)) {
        unsigned long at = strtoul(number + 1, NULL, 10);
        d->file = copy_text(shown);
        d->line = (int)(at < NUMBER_MAX ? at : NUMBER_MAX);
        d->source = source_line(source, d->line);
    }
    return true;
}

/* What comes before the linker's message is "/where/it/was/sub.c:12: " if the code was compiled with -g. */
static int linker_place(const char *text, const char *message, const char *compiled) {
    const size_t name = strlen(compiled);
    const char *digits = message;
    while (digits > text && (strchr(": ", digits[-1]) != NULL || isdigit((unsigned char)digits[-1])))
        digits--;
    if (*digits != ':' || digits - text <= (long)name || digits[-(long)name - 1] != '/' ||
        memcmp(digits - name, compiled, name) != 0)
        return 0;
    const unsigned long at = strtoul(digits + 1, NULL, 10);
    return (int)(at < NUMBER_MAX ? at : NUMBER_MAX);
}

/* "/usr/bin/ld: ...: undefined reference to `cblas_sgemm'" */
static void read_linker_line(const char *line, size_t length, const char *compiled, const char *shown,
                             const char *source, struct diagnostics *all) {
    char text[LINE_MAX_BYTES];
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    const char *message = strstr(text, "undefined reference to ");
    if (message == NULL)
        message = strstr(text, "multiple definition of ");
    const int at = message != NULL ? linker_place(text, message, compiled) : 0;
    if (message == NULL && strstr(text, "internal compiler error") != NULL)
        message = "the compiler itself gave up on this file (internal compiler error)";
    if (message == NULL)
        return;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->item[i].message, message) == 0)
            return;
    all->error_count++;
    struct diagnostic *d = append(all);
    if (d == NULL)
        return;
    d->kind = copy_text("error");
    d->message = copy_text(message);
    d->line = at;
    if (d->line > 0) {
        d->file = copy_text(shown);
        d->source = source_line(source, d->line);
    }
}

void diagnostics_read(const char *output, size_t size, const char *compiled, const char *shown, const char *source,
                      struct diagnostics *all) {
    *all = (struct diagnostics){0};
    const char *end = output + size;
    for (const char *line = output; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline != NULL ? newline : end) - line);
        if (length > 0 && *line == '[')
            read_array(line, length, compiled, shown, source, all);
        else if (!read_assembler_line(line, length, compiled, shown, source, all))
            read_linker_line(line, length, compiled, shown, source, all);
        line += length + 1;
    }
}

void diagnostics_release(struct diagnostics *all) {
    for (size_t i = 0; i < all->count; i++) {
        struct diagnostic *d = &all->item[i];
        free(d->kind);
        free(d->message);
        free(d->file);
        free(d->source);
    }
    free(all->item);
    *all = (struct diagnostics){0};
}
