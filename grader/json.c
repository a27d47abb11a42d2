/* SPDX-License-Identifier: MIT */
/* Reading a file into a checked cJSON tree, and the places in it. The tables are in grader/json_check.c. */
#include "grader/json.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int json_error(const struct json_place *at, struct error *err, const char *format, ...) {
    char message[900];
    va_list list;

    va_start(list, format);
    int length = vsnprintf(message, sizeof message, format, list);
    va_end(list);
    if (length >= (int)sizeof message) {
        error_cut(message, sizeof message);
    }
    return error_set(err, at->file->owner, "%s: %s %s", at->file->path,
                     at->pointer[0] == '\0' ? "the top level" : at->pointer, message);
}

struct json_place json_root(const struct json_file *file) {
    return (struct json_place){.file = file, .node = file->root};
}

/* Appends "/token" with the escapes of RFC 6901. Control characters, which a key can hold as \u001b, become '?': the
 * pointer ends up on a terminal. */
static struct json_place step(const struct json_place *from, const cJSON *node, const char *token) {
    enum { ROOM = 6 }; /* for the longest piece, the dots and the end */
    struct json_place to = *from;
    size_t length = strlen(to.pointer);

    to.node = node;
    if (length + ROOM >= JSON_POINTER_BYTES) {
        return to;
    }
    to.pointer[length++] = '/';
    for (; *token != '\0'; token++) {
        if (length + ROOM >= JSON_POINTER_BYTES) {
            if (((unsigned char)*token & 0xC0) == 0x80) { /* the start of this character is in already */
                while (((unsigned char)to.pointer[--length] & 0xC0) == 0x80) {
                }
            }
            memcpy(to.pointer + length, "...", 3);
            length += 3;
            break;
        }
        if (*token == '~' || *token == '/') {
            to.pointer[length++] = '~';
            to.pointer[length++] = *token == '~' ? '0' : '1';
        } else {
            to.pointer[length++] = (unsigned char)*token < 0x20 || *token == 0x7F ? '?' : *token;
        }
    }
    to.pointer[length] = '\0';
    return to;
}

struct json_place json_member(const struct json_place *object, const char *key) {
    return step(object, cJSON_GetObjectItemCaseSensitive(object->node, key), key);
}

struct json_place json_item(const struct json_place *list, const cJSON *node, size_t index) {
    char token[24];

    snprintf(token, sizeof token, "%zu", index);
    return step(list, node, token);
}

static int compare_keys(const void *a, const void *b) {
    const cJSON *const *left = a, *const *right = b;
    return strcmp((*left)->string, (*right)->string);
}

/* cJSON keeps equal keys side by side and finds only the first, so a pack would silently lose the second. */
static int refuse_duplicates(const struct json_place *at, struct error *err) {
    size_t count = (size_t)cJSON_GetArraySize(at->node), n = 0;
    const cJSON *child, **sorted;
    int rc = 0;

    if (count < 2) {
        return 0;
    }
    sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL) {
        return error_errno(err, "no memory to check the keys of '%s'", at->file->path);
    }
    cJSON_ArrayForEach(child, at->node) {
        sorted[n++] = child;
    }
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < count && rc == 0; i++) {
        if (strcmp(sorted[i - 1]->string, sorted[i]->string) == 0) {
            struct json_place twice = step(at, sorted[i], sorted[i]->string);
            rc = json_error(&twice, err, "is there twice; remove one of the two.");
        }
    }
    free(sorted);
    return rc;
}

/* Recursion is safe: json_scan has limited the depth to JSON_DEPTH_MAX. */
static int walk(const struct json_place *at, struct error *err) {
    const cJSON *child;
    size_t index = 0;

    if (cJSON_IsNumber(at->node) && !isfinite(at->node->valuedouble)) {
        return json_error(at, err, "is a number too large for a double; use a smaller one.");
    }
    if (cJSON_IsObject(at->node) && refuse_duplicates(at, err) != 0) {
        return -1;
    }
    cJSON_ArrayForEach(child, at->node) {
        struct json_place place =
            cJSON_IsObject(at->node) ? step(at, child, child->string) : json_item(at, child, index++);
        if (walk(&place, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Columns count characters, as editors do. */
static int text_error(const struct json_file *file, const char *text, size_t offset, const char *why,
                      struct error *err) {
    size_t line = 1, column = 1;

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else {
            column += ((unsigned char)text[i] & 0xC0) != 0x80;
        }
    }
    return error_set(err, file->owner, "%s:%zu:%zu: %s.", file->path, line, column, why);
}

/* `text` has a NUL behind its `length` bytes. cJSON wants that NUL counted, or it cannot check that nothing follows. */
static int parse_terminated(struct json_file *file, const char *text, size_t length, struct error *err) {
    const char *end = text;
    size_t offset = 0;
    const char *why = json_scan(text, length, &offset);

    if (why != NULL) {
        return text_error(file, text, offset, why, err);
    }
    file->root = cJSON_ParseWithLengthOpts(text, length + 1, &end, true);
    if (file->root == NULL) {
        offset = (size_t)(end - text);
        return text_error(file, text, offset < length ? offset : length,
                          offset >= length ? "the JSON ends too early; a bracket, a brace or a value is missing"
                                           : "this is not valid JSON; look for a missing or extra comma, colon, "
                                             "quote or bracket here or just before",
                          err);
    }
    struct json_place root = json_root(file);
    return walk(&root, err);
}

int json_parse(const char *path, enum error_owner owner, const char *text, size_t length, struct json_file *file,
               struct error *err) {
    int rc = -1;
    char *copy = malloc(length + 1);

    *file = (struct json_file){.path = strdup(path), .owner = owner};
    if (copy == NULL || file->path == NULL) {
        error_errno(err, "no memory to read '%s'", path);
        goto out;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    rc = parse_terminated(file, copy, length, err);
out:
    free(copy);
    if (rc != 0) {
        json_release(file);
    }
    return rc;
}

/* Reads up to `room` bytes; the size from stat is not trusted. */
static ssize_t read_all(int fd, char *text, size_t room) {
    size_t length = 0;

    while (length < room) {
        ssize_t got = read(fd, text + length, room - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        length += (size_t)got;
    }
    return (ssize_t)length;
}

int json_read(const char *path, enum error_owner owner, struct json_file *file, struct error *err) {
    struct stat status;
    ssize_t length;
    int rc = -1;
    char *text = malloc(JSON_FILE_BYTES_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to hang on a FIFO */

    *file = (struct json_file){0};
    if (fd < 0) {
        error_set(err, owner, "'%s' cannot be opened: %s; check the name and its permissions.", path, strerror(errno));
    } else if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        error_set(err, owner, "'%s' is not a regular file; put the JSON text itself there.", path);
    } else if (text == NULL) {
        error_errno(err, "no memory to read '%s'", path);
    } else if ((length = read_all(fd, text, JSON_FILE_BYTES_MAX + 1)) < 0) {
        error_errno(err, "'%s' cannot be read", path);
    } else if (length > JSON_FILE_BYTES_MAX) {
        error_set(err, owner, "'%s' is larger than 1 MiB; make it smaller.", path);
    } else {
        rc = json_parse(path, owner, text, (size_t)length, file, err);
    }
    if (fd >= 0) {
        close(fd);
    }
    free(text);
    return rc;
}

void json_release(struct json_file *file) {
    cJSON_Delete(file->root);
    free(file->path);
    *file = (struct json_file){0};
}
