/* SPDX-License-Identifier: MIT */
/* See fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_stop(const char *file, int line, const char *format, ...) {
    va_list list;
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    abort();
}

/* Bytes of the sequence that starts with `first`, or 0. */
static size_t sequence_size(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

bool fuzz_is_utf8(const char *bytes, size_t size) {
    const unsigned char *b = (const unsigned char *)bytes;
    for (size_t i = 0, length; i < size; i += length) {
        length = sequence_size(b[i]);
        if (length == 0 || length > size - i)
            return false;
        for (size_t k = 1; k < length; k++)
            if (b[i + k] < 0x80 || b[i + k] > 0xbf)
                return false;
        if ((b[i] == 0xe0 && b[i + 1] < 0xa0) || (b[i] == 0xed && b[i + 1] > 0x9f) ||
            (b[i] == 0xf0 && b[i + 1] < 0x90) || (b[i] == 0xf4 && b[i + 1] > 0x8f))
            return false;
    }
    return true;
}

void fuzz_must_be_sentence(const char *text) {
    size_t size = strlen(text);
    MUST(size > 0, "an error without words");
    MUST(fuzz_is_utf8(text, size), "an error that is no UTF-8: %s", text);
    for (size_t i = 0; i < size; i++)
        MUST((unsigned char)text[i] >= 0x20 && text[i] != 0x7f, "a control character in: %s", text);
    MUST(strchr(".?)", text[size - 1]) != NULL, "a sentence without its end: %s", text);
}

/* Length of one of our colour sequences at `at`, or 0. */
static size_t colour_size(const char *at) {
    static const char *const ours[] = {"\033[0m", "\033[1m", "\033[1;31m", "\033[1;32m", "\033[1;33m"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strncmp(at, ours[i], strlen(ours[i])) == 0)
            return strlen(ours[i]);
    return 0;
}

static void must_be_harmless(const char *line, size_t size, bool wide) {
    size_t blank = strspn(line, " ");
    MUST(size <= 80 || wide, "a line of %zu columns: %.*s", size, (int)size, line);
    MUST(strncmp(line + blank, "::", 2) != 0, "a command of a CI system: %.*s", (int)size, line);
    for (size_t i = 0; i + 2 < size; i++) {
        size_t word = strspn(line + i + 2, "abcdefghijklmnopqrstuvwxyz");
        MUST(line[i] != '#' || line[i + 1] != '#' || line[i + 2 + word] != '[', "a command of a CI system: %.*s",
             (int)size, line);
    }
}

void fuzz_must_be_screen(const char *text, bool utf8, bool colour, bool wide) {
    char *plain = malloc(strlen(text) + 1), *out = plain;
    for (const char *at = text; *at != '\0';) {
        size_t skip = colour ? colour_size(at) : 0;
        at += skip;
        if (skip == 0)
            *out++ = *at++;
    }
    *out = '\0';
    MUST(fuzz_is_utf8(plain, strlen(plain)), "a screen that is no UTF-8: %s", plain);
    for (const char *at = plain; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at, next = (unsigned char)at[1];
        MUST((c >= 0x20 && c != 0x7f) || c == '\n', "a control character on the screen: 0x%02x", c);
        MUST(c < 0x80 || utf8, "a byte beyond ASCII on a screen of ASCII: 0x%02x", c);
        MUST(c != 0xc2 || next >= 0xa0, "a C1 control on the screen: 0x%02x", next);
    }
    for (char *line = plain, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        must_be_harmless(line, (size_t)(end - line), wide || utf8);
    }
    free(plain);
}

void fuzz_begin(struct fuzz_bytes *bytes, const uint8_t *data, size_t size) {
    *bytes = (struct fuzz_bytes){.at = data, .left = size};
}

void fuzz_end(struct fuzz_bytes *bytes) {
    for (size_t i = 0; i < bytes->text_count; i++)
        free(bytes->text[i]);
    bytes->text_count = 0;
}

uint64_t fuzz_take(struct fuzz_bytes *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count && bytes->left > 0; i++, bytes->left--)
        value = value << 8 | *bytes->at++;
    return value;
}

size_t fuzz_below(struct fuzz_bytes *bytes, size_t limit) {
    return limit > 0 ? (size_t)(fuzz_take(bytes, limit > 256 ? 4 : 1) % limit) : 0;
}

bool fuzz_flag(struct fuzz_bytes *bytes) {
    return (fuzz_take(bytes, 1) & 1) != 0;
}

int64_t fuzz_whole(struct fuzz_bytes *bytes) {
    static const int64_t special[] = {INT64_MIN, INT64_MAX, INT32_MAX, INT32_MIN, -1, INT64_C(1) << 53, UINT32_MAX, 1};
    uint64_t kind = fuzz_take(bytes, 1);
    if (kind < 0xa0)
        return (int64_t)kind;
    return kind < 0xe0 ? special[kind % 8] : (int64_t)fuzz_take(bytes, 8);
}

double fuzz_double(struct fuzz_bytes *bytes) {
    static const double special[] = {NAN, INFINITY, -INFINITY, -0.0, 1e308, 5e-324, 0.31, -1e-7};
    uint64_t kind = fuzz_take(bytes, 1), bits;
    double value;
    if (kind < 0x90)
        return (double)kind / 8;
    if (kind < 0xd0)
        return special[kind % 8];
    bits = fuzz_take(bytes, 8);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static char *keep(struct fuzz_bytes *bytes, size_t size) {
    MUST(bytes->text_count < sizeof bytes->text / sizeof *bytes->text,
         "the target takes more texts than there is room");
    char *text = malloc(size + 1);
    memcpy(text, size > 0 ? bytes->at : (const uint8_t *)"", size);
    text[size] = '\0';
    bytes->at += size;
    bytes->left -= size;
    bytes->text[bytes->text_count++] = text;
    return text;
}

char *fuzz_text(struct fuzz_bytes *bytes) {
    size_t kind = (size_t)fuzz_take(bytes, 1), size = kind % 48; /* short, so that an input reaches all fields */
    if (kind == 0xff)
        return NULL;
    return keep(bytes, size < bytes->left ? size : bytes->left);
}

void fuzz_field(struct fuzz_bytes *bytes, char *field, size_t size) {
    const char *text = fuzz_text(bytes);
    snprintf(field, size, "%s", text != NULL ? text : "");
}

char *fuzz_rest(struct fuzz_bytes *bytes, size_t *size) {
    *size = bytes->left;
    return keep(bytes, bytes->left);
}
