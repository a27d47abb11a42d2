/* SPDX-License-Identifier: MIT */
/* The lexical side of strict JSON: what cJSON lets through. The grammar of objects and lists is left to cJSON. */
#include <ctype.h>
#include <string.h>

#include "grader/json.h"

struct scan {
    const unsigned char *text;
    size_t length, at;
    int depth;
};

static int byte(const struct scan *s, size_t ahead) {
    return s->at + ahead < s->length ? s->text[s->at + ahead] : -1;
}

/* Bytes of the UTF-8 sequence at s->at, 0 if it is malformed, overlong, a surrogate or beyond U+10FFFF. */
static size_t sequence_bytes(const struct scan *s) {
    int first = byte(s, 0), second = byte(s, 1);
    size_t bytes = first < 0x80                    ? 1
                   : first >= 0xC2 && first < 0xE0 ? 2
                   : (first & 0xF0) == 0xE0        ? 3
                   : first >= 0xF0 && first < 0xF5 ? 4
                                                   : 0;

    for (size_t i = 1; i < bytes; i++) {
        if (byte(s, i) < 0x80 || byte(s, i) > 0xBF) {
            return 0;
        }
    }
    bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
               (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return bad ? 0 : bytes;
}

/* From the opening quote to behind the closing one. */
static const char *scan_string(struct scan *s) {
    s->at++;
    for (;;) {
        int c = byte(s, 0);
        size_t bytes;
        if (c < 0) {
            return "a string is not closed; add the missing quote";
        }
        if (c == '"') {
            s->at++;
            return NULL;
        }
        if (c < 0x20 || c == 0x7F) {
            return "a control character stands in a string; close the string, or write the character as \\n or \\t";
        }
        if (c == '\\' && s->length - s->at >= 6 && memcmp(s->text + s->at, "\\u0000", 6) == 0) {
            return "\\u0000 is not allowed in a string; remove it";
        }
        bytes = c == '\\' ? 2 : sequence_bytes(s);
        if (bytes == 0) {
            return "this is not valid UTF-8; save the file as UTF-8";
        }
        s->at += bytes;
    }
}

static size_t skip_digits(struct scan *s) {
    size_t start = s->at;

    while (isdigit(byte(s, 0))) {
        s->at++;
    }
    return s->at - start;
}

static const char *scan_number(struct scan *s) {
    size_t start = s->at;
    bool good;

    s->at += byte(s, 0) == '-';
    good = byte(s, 0) == '0' ? (s->at++, true) : skip_digits(s) > 0;
    if (good && byte(s, 0) == '.') {
        s->at++;
        good = skip_digits(s) > 0;
    }
    if (good && (byte(s, 0) == 'e' || byte(s, 0) == 'E')) {
        s->at++;
        s->at += byte(s, 0) == '+' || byte(s, 0) == '-';
        good = skip_digits(s) > 0;
    }
    int next = byte(s, 0);
    if (!good || (next >= 0 && (isalnum(next) || next == '.' || next == '+' || next == '-'))) {
        s->at = start;
        return "this is not a number as JSON has them; write it like 12, -0.5 or 1e-6";
    }
    return NULL;
}

static const char *scan_token(struct scan *s) {
    int c = byte(s, 0);

    if (c == '"') {
        return scan_string(s);
    }
    if (c == '-' || isdigit(c)) {
        return scan_number(s);
    }
    if ((c == '{' || c == '[') && ++s->depth > JSON_DEPTH_MAX) {
        return "objects and lists are nested too deep (more than 32 levels); flatten them";
    }
    if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F) {
        return "a control character stands outside of any string; remove it";
    }
    if (c >= 0x80) {
        return "a character that is not ASCII stands outside of any string (a byte order mark, a typographic quote?); "
               "remove it";
    }
    s->depth -= c == '}' || c == ']';
    s->at++;
    return NULL;
}

const char *json_scan(const char *text, size_t length, size_t *offset) {
    struct scan s = {.text = (const unsigned char *)text, .length = length};
    const char *why = NULL;

    while (why == NULL && s.at < s.length) {
        why = scan_token(&s);
    }
    *offset = s.at < length ? s.at : length;
    return why;
}
