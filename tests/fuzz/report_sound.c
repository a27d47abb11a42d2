/* SPDX-License-Identifier: MIT */
/* See report_sound.h. */
#include "tests/fuzz/report_sound.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "grader/json.h"
#include "tests/fuzz/export_sound.h"
#include "tests/fuzz/fuzz.h"

void report_sound_init(void) {
    MUST(setlocale(LC_CTYPE, "C.UTF-8") != NULL, "there is no locale C.UTF-8");
}

static void screen_must_be_sound(const struct report_item *item, const struct report_look *look, bool utf8,
                                 bool colour) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct screen screen = {.out = out, .colour = colour, .utf8 = utf8};
    report_text(&screen, look, item);
    report_text_summary(&screen, item, 1);
    fclose(out);
    MUST(strlen(text) == size, "a NUL on the screen");
    MUST(size > 0 && text[size - 1] == '\n', "a screen without its last line feed");
    fuzz_must_be_screen(text, utf8, colour, look->raw);
    free(text);
}

static void json_must_be_sound(const struct report_item *item, size_t count, const struct report_look *look) {
    char *text = report_json(item, count, look);
    struct json_file file;
    struct error err = {0};
    MUST(fuzz_is_utf8(text, strlen(text)), "a result that is no UTF-8");
    int rc = json_parse("result.json", ERROR_USER, text, strlen(text), &file, &err);
    MUST(rc == 0, "a result that cannot be read back: %s", err.text);
    struct json_place root = json_root(&file);
    MUST(json_text(&root, "schema", NULL) != NULL, "a result without a schema");
    json_release(&file);
    free(text);
}

/* What the JSON says can be read back, and the exports are made from that. */
static void files_must_be_sound(const struct report_item *item, size_t count, const struct report_look *look) {
    struct result *result = calloc(count, sizeof result[0]);
    MUST(result != NULL, "no memory");
    for (size_t i = 0; i < count; i++) {
        char *text = report_json(&item[i], 1, look);
        struct error err = {0};
        MUST(result_of_text(text, strlen(text), "result.json", &result[i], &err) == 0,
             "a result that cannot be read back: %s", err.text);
        free(text);
    }
    exports_must_be_sound(result, count);
    for (size_t i = 0; i < count; i++)
        result_release(&result[i]);
    free(result);
}

void report_must_be_sound(const struct report_item *item, size_t count, unsigned choice) {
    static const struct report_look look[] = {
        {.timing = true}, {.timing = true, .verbose = true}, {.raw = true}, {.quiet = true, .seed_secret = true}};
    const struct report_look *chosen = &look[choice % 4];
    screen_must_be_sound(&item[choice % count], chosen, (choice & 4) != 0, (choice & 8) != 0);
    if ((choice & 16) != 0)
        json_must_be_sound(item, count, chosen);
    else
        files_must_be_sound(item, count, chosen);
}
