/* SPDX-License-Identifier: MIT */
/* See report_sound.h. Source: XML 1.0, fifth edition, sections 2.2 to 2.4, 3.1 and 4.6. */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"

enum { DEPTH_MAX = 8, NAME_MAX_BYTES = 24, ATTRIBUTES_MAX = 12 };

struct reader {
    const char *at;
    char open[DEPTH_MAX][NAME_MAX_BYTES];
    size_t depth, roots;
};

static void take(struct reader *r, const char *wanted) {
    MUST(strncmp(r->at, wanted, strlen(wanted)) == 0, "'%s' is missing before: %.60s", wanted, r->at);
    r->at += strlen(wanted);
}

static void take_name(struct reader *r, char name[NAME_MAX_BYTES]) {
    size_t length = strspn(r->at, "abcdefghijklmnopqrstuvwxyz_");
    MUST(length > 0 && length < NAME_MAX_BYTES, "no name before: %.60s", r->at);
    memcpy(name, r->at, length);
    name[length] = '\0';
    r->at += length;
}

/* Up to `stop`: no '<', no bare '&', no "]]>". */
static void take_text(struct reader *r, char stop) {
    static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    while (*r->at != stop && *r->at != '\0') {
        MUST(*r->at != '<' && strncmp(r->at, "]]>", 3) != 0, "markup inside a value: %.60s", r->at);
        size_t length = 1;
        for (size_t i = 0; i < sizeof entity / sizeof *entity && *r->at == '&'; i++)
            if (strncmp(r->at, entity[i], strlen(entity[i])) == 0)
                length = strlen(entity[i]);
        MUST(*r->at != '&' || length > 1, "a bare '&': %.60s", r->at);
        r->at += length;
    }
}

static void take_attributes(struct reader *r) {
    char seen[ATTRIBUTES_MAX][NAME_MAX_BYTES];
    for (size_t count = 0; *r->at == ' '; count++) {
        r->at++;
        MUST(count < ATTRIBUTES_MAX, "too many attributes");
        take_name(r, seen[count]);
        for (size_t i = 0; i < count; i++)
            MUST(strcmp(seen[i], seen[count]) != 0, "the attribute %s twice", seen[i]);
        take(r, "=\"");
        const char *start = r->at;
        take_text(r, '"');
        MUST(memchr(start, '\n', (size_t)(r->at - start)) == NULL, "a line feed in the attribute %s", seen[count]);
        take(r, "\"");
    }
}

static void take_tag(struct reader *r) {
    char name[NAME_MAX_BYTES];
    take(r, "<");
    if (*r->at == '/') {
        r->at++;
        take_name(r, name);
        MUST(r->depth > 0 && strcmp(r->open[--r->depth], name) == 0, "</%s> closes nothing", name);
        take(r, ">");
        return;
    }
    take_name(r, name);
    take_attributes(r);
    r->roots += r->depth == 0;
    if (*r->at == '/') {
        take(r, "/>");
        return;
    }
    take(r, ">");
    MUST(r->depth < DEPTH_MAX, "nested too deep");
    strcpy(r->open[r->depth++], name);
}

/* Char of section 2.2, and neither DEL nor C1, which terminals obey. */
static void must_hold_characters(const char *text) {
    MUST(fuzz_is_utf8(text, strlen(text)), "XML that is no UTF-8");
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        MUST(*c >= 0x20 || *c == '\n' || *c == '\t', "the character 0x%02x in XML", *c);
        MUST(*c != 0x7f && (*c != 0xc2 || c[1] >= 0xa0), "a terminal's control in XML");
        MUST(*c != 0xef || c[1] != 0xbf || c[2] < 0xbe, "U+FFFE or U+FFFF in XML");
    }
}

void xml_must_be_well_formed(const char *text) {
    struct reader r = {.at = text};
    must_hold_characters(text);
    take(&r, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    while (*r.at != '\0') {
        const char *start = r.at;
        take_text(&r, '<');
        MUST(r.depth > 0 || strspn(start, " \n") >= (size_t)(r.at - start), "text outside of the root");
        if (*r.at == '<')
            take_tag(&r);
    }
    MUST(r.depth == 0 && r.roots == 1, "%zu elements are open, %zu roots", r.depth, r.roots);
}
