/* SPDX-License-Identifier: MIT */
/* A statement on the screen; the first byte chooses the kind of screen. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/markdown.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"

static void inline_must_end(const char *text) {
    char *plain = markdown_inline(text), *formula = markdown_formula(text, strlen(text));
    /* A formula's longest word for its command is shorter than twice the command; links get a space and brackets. */
    MUST(strlen(plain) <= 4 * strlen(text) && strlen(formula) <= 4 * strlen(text), "%zu and %zu bytes from %zu",
         strlen(plain), strlen(formula), strlen(text));
    free(formula);
    free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_bytes bytes;
    size_t length;
    fuzz_begin(&bytes, data, size);
    unsigned look = (unsigned)fuzz_take(&bytes, 1);
    const char *text = fuzz_rest(&bytes, &length);
    char *shown = NULL;
    FILE *out = open_memstream(&shown, &length);
    const struct screen screen = {.out = out, .colour = (look & 1) != 0, .utf8 = (look & 2) != 0};
    markdown_show(&screen, text);
    fclose(out);
    fuzz_must_be_screen(shown, screen.utf8, screen.colour, false);
    inline_must_end(text);
    free(shown);
    fuzz_end(&bytes);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    report_sound_init();
    return 0;
}
