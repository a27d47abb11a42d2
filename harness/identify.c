/* SPDX-License-Identifier: MIT */
/* See identify.h. */
#include "harness/identify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/heap.h"

enum { DIRECTIVE_BYTES = 4096, INCLUDE_BYTES = 65536 };

static const char ID_LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

/* The start of the file as text: NUL bytes become spaces. */
static int read_start(const char *file, char **text, struct error *err) {
    struct stat status;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a pipe must not hold us up */
    if (fd < 0 && errno == ENOENT)
        return error_set(err, ERROR_USER, "there is no file '%s'; name the C file to grade.", file);
    if (fd < 0 || fstat(fd, &status) != 0) {
        int code = errno;
        if (fd >= 0)
            close(fd);
        return error_set(err, ERROR_USER, "cannot read '%s': %s; make it readable for yourself.", file, strerror(code));
    }
    if (!S_ISREG(status.st_mode)) {
        close(fd);
        return error_set(err, ERROR_USER, "'%s' is %s; name the C file%s.", file,
                         S_ISDIR(status.st_mode) ? "a folder" : "not a regular file",
                         S_ISDIR(status.st_mode) ? " in it" : "");
    }
    char *buffer = heap_zeroed(INCLUDE_BYTES + 1, 1);
    ssize_t size = pread(fd, buffer, INCLUDE_BYTES, 0);
    int code = errno;
    close(fd);
    if (size < 0) {
        free(buffer);
        return error_set(err, ERROR_USER, "cannot read '%s': %s.", file, strerror(code));
    }
    for (ssize_t i = 0; i < size; i++)
        if (buffer[i] == '\0')
            buffer[i] = ' ';
    *text = buffer;
    return 0;
}

char *identify_directive(const char *text) {
    const char *limit = text + strnlen(text, DIRECTIVE_BYTES);
    for (const char *line = text; line != NULL && line < limit; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = line + strspn(line, " \t");
        if (strncmp(at, "//", 2) != 0 && strncmp(at, "/*", 2) != 0)
            continue;
        at += 2 + strspn(at + 2, " \t");
        if (strncmp(at, "harness:", 8) != 0)
            continue;
        at += 8 + strspn(at + 8, " \t");
        size_t length = strspn(at, ID_LETTERS);
        if (length > 0)
            return heap_copy(at, length);
    }
    return NULL;
}

/* The first challenge whose contract the text includes. */
static const struct pack *included(const struct packs *packs, const char *text) {
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *at = line + strspn(line, " \t");
        if (*at != '#')
            continue;
        at += 1 + strspn(at + 1, " \t");
        if (strncmp(at, "include", 7) != 0)
            continue;
        at += 7 + strspn(at + 7, " \t");
        size_t length = *at == '"' ? strspn(at + 1, ID_LETTERS) : 0;
        if (length < 3 || at[1 + length] != '"' || strncmp(at + length - 1, ".h", 2) != 0)
            continue;
        char *id = heap_copy(at + 1, length - 2);
        const struct pack *pack = packs_get(packs, id);
        free(id);
        if (pack != NULL)
            return pack;
    }
    return NULL;
}

/* ID.c or ID with _ for -. `*stem` is the name without its ending, with - for _; the caller frees. */
static const struct pack *named(const struct packs *packs, const char *file, char **stem) {
    const char *slash = strrchr(file, '/');
    const char *base = slash != NULL ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    *stem = heap_copy(base, dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base));
    const struct pack *pack = packs_get(packs, *stem);
    for (char *at = *stem; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    return pack != NULL ? pack : packs_get(packs, *stem);
}

static int unknown(const struct packs *packs, const char *file, const char *stem, struct error *err) {
    const char *nearest = packs_nearest(packs, stem);
    if (nearest != NULL)
        return error_set(
            err, ERROR_USER,
            "cannot tell which challenge '%s' is for; did you mean '%s'? Say --challenge %s, or put the line "
            "// harness: %s at the top of the file.",
            file, nearest, nearest, nearest);
    return error_set(
        err, ERROR_USER,
        "cannot tell which challenge '%s' is for; say --challenge ID, or put the line // harness: ID at the "
        "top of the file (`harness list` shows the ids).",
        file);
}

static int directed(const struct packs *packs, const char *file, const char *id, const struct pack **pack,
                    struct error *err) {
    *pack = packs_get(packs, id);
    const char *nearest = *pack == NULL ? packs_nearest(packs, id) : NULL;
    if (*pack != NULL)
        return 0;
    if (nearest != NULL)
        return error_set(err, ERROR_USER,
                         "'%s' says that it is for '%.64s', but there is no such challenge; did you mean "
                         "'%s'?",
                         file, id, nearest);
    return error_set(err, ERROR_USER,
                     "'%s' says that it is for '%.64s', but there is no such challenge; `harness list` "
                     "shows all %zu.",
                     file, id, packs->count);
}

int identify(const struct packs *packs, const char *file, const char *wanted, const struct pack **pack,
             struct error *err) {
    char *text = NULL, *stem = NULL;
    int result = 0;
    if (read_start(file, &text, err) != 0)
        return -1;
    char *directive = identify_directive(text);
    if (wanted != NULL) {
        result = packs_need(packs, wanted, pack, err);
    } else if (directive != NULL) {
        result = directed(packs, file, directive, pack, err);
    } else {
        *pack = included(packs, text);
        if (*pack == NULL)
            *pack = named(packs, file, &stem);
        if (*pack == NULL)
            result = unknown(packs, file, stem, err);
    }
    free(directive);
    free(stem);
    free(text);
    return result;
}
