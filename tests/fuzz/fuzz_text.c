/* SPDX-License-Identifier: MIT */
/* Foreign text made harmless: what is promised in harness/text_escape.h, for each of its functions. */
#include <stdlib.h>
#include <string.h>

#include "harness/text_escape.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"

static void line_must_be_harmless(const char *data, size_t size, bool utf8) {
    char *once = text_escape(data, size, utf8), *twice = text_escape(once, strlen(once), utf8);
    MUST(strchr(once, '\n') == NULL, "a line of two lines");
    fuzz_must_be_screen(once, utf8, false, true);
    MUST(strcmp(once, twice) == 0, "escaped twice it is another text: %s and %s", once, twice);
    size_t columns = text_columns(once), length = strlen(once);
    MUST(columns <= 2 * length && text_fit(once, columns) == length, "%zu columns for %zu bytes", columns, length);
    MUST(columns == 0 || text_fit(once, columns - 1) < length, "fewer than %zu columns are enough", columns);
    for (size_t room = 0; room < columns && room < 100; room += 7) {
        size_t fits = text_fit(once, room);
        MUST(fits <= length && fuzz_is_utf8(once, fits), "a character was cut in two");
    }
    free(twice);
    free(once);
}

static void lines_must_be_harmless(const char *data, size_t size, bool utf8) {
    char *text = text_escape_lines(data, size, utf8), *with_end;
    size_t length = strlen(text);
    with_end = malloc(length + 2);
    memcpy(with_end, text, length);
    strcpy(with_end + length, "\n");
    fuzz_must_be_screen(with_end, utf8, false, true);
    free(with_end);
    free(text);
}

/* What a shell makes of the word: quotes taken away it is the text again, but for "./" before a dash. */
static void word_must_survive(const char *text) {
    char *word = text_shell(text), *plain = malloc(strlen(word) + 1), *out = plain;
    bool quoted = false;
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'')
            quoted = !quoted;
        else if (*at == '\\' && !quoted)
            *out++ = *++at;
        else {
            MUST(quoted || strchr(" \t\n$`\"&|;<>()*?[]#~!{}\\", *at) == NULL, "0x%02x outside of quotes: %s", *at,
                 word);
            *out++ = *at;
        }
    }
    *out = '\0';
    MUST(!quoted, "an open quote: %s", word);
    MUST(strcmp(strncmp(plain, "./-", 3) == 0 && text[0] == '-' ? plain + 2 : plain, text) == 0,
         "a shell would read '%s'", plain);
    MUST(word[0] != '-', "a word that is an option: %s", word);
    free(plain);
    free(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_bytes bytes;
    const char *input = (const char *)data;
    size_t length;
    for (int utf8 = 0; utf8 < 2; utf8++) {
        line_must_be_harmless(input, size, utf8);
        lines_must_be_harmless(input, size, utf8);
    }
    char *json = text_utf8(input, size), *xml = text_xml(input, size);
    MUST(fuzz_is_utf8(json, strlen(json)), "text for JSON that is no UTF-8");
    MUST(!fuzz_is_utf8(input, size) || memchr(input, 0, size) != NULL || strlen(json) == size, "good text was changed");
    char *document = malloc(strlen(xml) + 100);
    strcpy(document, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>");
    strcat(strcat(document, xml), "</a>");
    xml_must_be_well_formed(document);
    free(document);
    free(xml);
    free(json);
    fuzz_begin(&bytes, data, size);
    word_must_survive(fuzz_rest(&bytes, &length));
    fuzz_end(&bytes);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    report_sound_init();
    return 0;
}
