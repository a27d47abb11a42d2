/* SPDX-License-Identifier: MIT */
/* See text_escape.h. Bidirectional attacks: Boucher and Anderson, "Trojan Source" (2021). */
#include "harness/text_escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "harness/heap.h"

size_t text_decode(const char *bytes, size_t size, uint32_t *code) {
    static const struct {
        unsigned char mask, lead;
        uint32_t least; /* smaller code points are overlong in this form */
    } FORM[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    const unsigned char *b = (const unsigned char *)bytes;
    for (size_t extra = 0; size > 0 && extra < 4; extra++) {
        if ((b[0] & FORM[extra].mask) != FORM[extra].lead)
            continue;
        uint32_t value = b[0] & (unsigned char)~FORM[extra].mask;
        for (size_t i = 1; i <= extra; i++) {
            if (i >= size || (b[i] & 0xc0) != 0x80)
                return 0;
            value = (value << 6) | (b[i] & 0x3fU);
        }
        if (value < FORM[extra].least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return 0;
        *code = value;
        return extra + 1;
    }
    return 0;
}

/* Characters that change how their neighbours are shown, or show nothing themselves. wcwidth() is 0 for most of them,
 * but not in every locale, so they are listed. */
static bool deceptive(uint32_t code) {
    static const struct {
        uint32_t first, last;
    } RANGE[] = {{0x80, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},     {0x115f, 0x1160}, {0x17b4, 0x17b5},
                 {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f}, {0x3164, 0x3164},
                 {0xe000, 0xf8ff}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
                 {0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};
    for (size_t i = 0; i < sizeof RANGE / sizeof RANGE[0]; i++)
        if (code >= RANGE[i].first && code <= RANGE[i].last)
            return true;
    return false;
}

static void put_escaped(FILE *out, const char *bytes, size_t length, uint32_t code, bool utf8) {
    if (length == 0)
        fprintf(out, "\\x%02x", (unsigned)(unsigned char)bytes[0]);
    else if (code == '\t')
        fputc(' ', out);
    else if (code == '\n')
        fputs("\\n", out);
    else if (code == '\r')
        fputs("\\r", out);
    else if (code < 0x20 || code == 0x7f)
        fprintf(out, "\\x%02x", (unsigned)code);
    else if (code < 0x80 || (utf8 && !deceptive(code) && wcwidth((wchar_t)code) > 0))
        fwrite(bytes, 1, length, out);
    else
        fprintf(out, "\\u{%x}", (unsigned)code);
}

char *text_escape(const char *bytes, size_t size, bool utf8) {
    struct heap_text into;
    heap_text_open(&into);
    for (size_t i = 0; i < size;) {
        uint32_t code = 0;
        size_t length = text_decode(bytes + i, size - i, &code);
        put_escaped(into.stream, bytes + i, length, code, utf8);
        i += length > 0 ? length : 1;
    }
    return text_defuse(heap_text_take(&into, NULL));
}

char *text_line(const char *text) {
    struct heap_text into;
    size_t size = strlen(text);
    heap_text_open(&into);
    for (size_t i = 0; i < size;) {
        uint32_t code = 0;
        size_t length = text_decode(text + i, size - i, &code);
        if (length > 1 && !deceptive(code))
            fwrite(text + i, 1, length, into.stream);
        else
            put_escaped(into.stream, text + i, length, code, false);
        i += length > 0 ? length : 1;
    }
    return text_defuse(heap_text_take(&into, NULL));
}

char *text_escape_lines(const char *bytes, size_t size, bool utf8) {
    struct heap_text into;
    heap_text_open(&into);
    for (size_t start = 0; start < size;) {
        const char *end = memchr(bytes + start, '\n', size - start);
        size_t length = end != NULL ? (size_t)(end - (bytes + start)) : size - start;
        char *line = text_escape(bytes + start, length, utf8);
        fputs(line, into.stream);
        if (end != NULL)
            fputc('\n', into.stream);
        free(line);
        start += length + (end != NULL);
    }
    return heap_text_take(&into, NULL);
}

/* "##" and then "[" or a word and "[": the runners of GitHub, Azure and TeamCity obey those anywhere. */
static bool obeyed_marker(const char *at) {
    if (at[0] != '#' || at[1] != '#')
        return false;
    return at[2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '[';
}

/* Bytes of the blanks at the start of a line. GitHub's runner strips all that Unicode calls white space. */
static size_t leading_blanks(const char *line) {
    size_t size = strlen(line), at = 0, length;
    uint32_t code = 0;
    while ((length = text_decode(line + at, size - at, &code)) > 0) {
        bool blank = (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 || code == 0xa0 ||
                     code == 0x1680 || (code >= 0x2000 && code <= 0x200f) || code == 0x2028 || code == 0x2029 ||
                     code == 0x202f || code == 0x205f || code == 0x3000 || code == 0xfeff;
        if (!blank)
            break;
        at += length;
    }
    return at;
}

char *text_defuse(char *line) {
    struct heap_text into;
    heap_text_open(&into);
    size_t blank = leading_blanks(line);
    fwrite(line, 1, blank, into.stream);
    if (strncmp(line + blank, "::", 2) == 0)
        fputc('\\', into.stream);
    for (const char *at = line + blank; *at != '\0'; at++) {
        fputc(*at, into.stream);
        if (obeyed_marker(at))
            fputc('\\', into.stream);
    }
    free(line);
    return heap_text_take(&into, NULL);
}

size_t text_fit(const char *text, size_t columns) {
    size_t size = strlen(text), used = 0, at = 0;
    while (at < size) {
        uint32_t code = 0;
        size_t length = text_decode(text + at, size - at, &code);
        int width = length > 1 ? wcwidth((wchar_t)code) : 1;
        size_t wide = width > 0 ? (size_t)width : 1;
        if (used + wide > columns)
            break;
        used += wide;
        at += length > 0 ? length : 1;
    }
    return at;
}

size_t text_columns(const char *text) {
    size_t size = strlen(text), low = 0, high = 2 * size;
    while (low < high) { /* the least number of columns that holds all of it */
        size_t middle = low + (high - low) / 2;
        if (text_fit(text, middle) >= size)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

char *text_utf8(const char *bytes, size_t size) {
    struct heap_text into;
    heap_text_open(&into);
    for (size_t i = 0; i < size;) {
        uint32_t code = 0;
        size_t length = text_decode(bytes + i, size - i, &code);
        if (length == 0 || code == 0)
            fputs("\xef\xbf\xbd", into.stream);
        else
            fwrite(bytes + i, 1, length, into.stream);
        i += length > 0 ? length : 1;
    }
    return heap_text_take(&into, NULL);
}

static void put_json_escape(FILE *out, uint32_t code) {
    if (code > 0xffff)
        fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
                (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
    else
        fprintf(out, "\\u%04x", (unsigned)code);
}

char *text_json(char *json) {
    struct heap_text into;
    size_t size = strlen(json);
    heap_text_open(&into);
    for (size_t i = 0; i < size;) {
        uint32_t code = 0;
        size_t length = text_decode(json + i, size - i, &code);
        if (length > 0 && (code == 0x7f || deceptive(code) || (code == '#' && i > 0 && json[i - 1] == '#')))
            put_json_escape(into.stream, code);
        else
            fwrite(json + i, 1, length > 0 ? length : 1, into.stream);
        i += length > 0 ? length : 1;
    }
    free(json);
    return heap_text_take(&into, NULL);
}

/* Char of XML 1.0, section 2.2; U+007F-U+009F are legal there but discouraged, and terminals obey them. */
static bool xml_holds(uint32_t code) {
    if (code < 0x20)
        return code == '\t' || code == '\n';
    return (code < 0x7f || code > 0x9f) && code != 0xfffe && code != 0xffff;
}

static void put_xml(FILE *out, const char *bytes, size_t length, uint32_t code) {
    if (length == 0)
        fprintf(out, "[NON-UTF-8-BYTE-0x%02X]", (unsigned)(unsigned char)bytes[0]);
    else if (!xml_holds(code))
        fprintf(out, "[NON-XML-CHAR-0x%02X]", (unsigned)code);
    else if (deceptive(code))
        fprintf(out, "[U+%04X]", (unsigned)code);
    else if (code == '&')
        fputs("&amp;", out);
    else if (code == '<')
        fputs("&lt;", out);
    else if (code == '>')
        fputs("&gt;", out);
    else if (code == '"')
        fputs("&quot;", out);
    else
        fwrite(bytes, 1, length, out);
}

char *text_xml(const char *bytes, size_t size) {
    struct heap_text into;
    heap_text_open(&into);
    for (size_t start = 0; start < size;) {
        const char *end = memchr(bytes + start, '\n', size - start);
        size_t stop = end != NULL ? (size_t)(end - bytes) : size;
        struct heap_text line;
        heap_text_open(&line);
        for (size_t i = start; i < stop;) {
            uint32_t code = 0;
            size_t length = text_decode(bytes + i, stop - i, &code);
            put_xml(line.stream, bytes + i, length, code);
            i += length > 0 ? length : 1;
        }
        char *safe = text_defuse(heap_text_take(&line, NULL));
        fprintf(into.stream, "%s%s", safe, end != NULL ? "\n" : "");
        free(safe);
        start = stop + (end != NULL);
    }
    return heap_text_take(&into, NULL);
}

char *text_shell(const char *word) {
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:@%,-";
    if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0')
        return heap_format("%s%s", word[0] == '-' ? "./" : "", word);
    struct heap_text into;
    heap_text_open(&into);
    fputs(word[0] == '-' ? "'./" : "'", into.stream);
    for (; *word != '\0'; word++)
        fprintf(into.stream, *word == '\'' ? "'\\''" : "%c", *word);
    fputc('\'', into.stream);
    return heap_text_take(&into, NULL);
}
