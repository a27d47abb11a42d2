/* SPDX-License-Identifier: MIT */
/* See export_sound.h. */
#include "tests/fuzz/export_sound.h"

#include <stdlib.h>
#include <string.h>

#include "grader/json.h"
#include "harness/export/export.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"

enum export_kind { EXPORT_TEXT, EXPORT_JSON, EXPORT_XML };
static const struct {
    enum export_kind kind;
    char *(*make)(const struct export_item *item, size_t count);
} EXPORT[] = {
    {EXPORT_XML, export_junit},     {EXPORT_TEXT, export_csv},        {EXPORT_TEXT, export_points_csv},
    {EXPORT_TEXT, export_markdown}, {EXPORT_JSON, export_gradescope}, {EXPORT_JSON, export_code_quality},
    {EXPORT_TEXT, export_github},   {EXPORT_TEXT, export_classroom},
};
enum { EXPORTS = sizeof EXPORT / sizeof EXPORT[0] };

static void export_must_be_sound(const char *text, enum export_kind kind) {
    struct json_file file;
    struct error err = {0};
    MUST(fuzz_is_utf8(text, strlen(text)), "an export that is no UTF-8");
    MUST(strchr(text, '\033') == NULL, "an export with a control sequence");
    if (kind == EXPORT_XML)
        xml_must_be_well_formed(text);
    if (kind != EXPORT_JSON)
        return;
    MUST(json_parse("export.json", ERROR_USER, text, strlen(text), &file, &err) == 0, "an export that is no JSON: %s",
         err.text);
    json_release(&file);
}

void exports_must_be_sound(struct result *result, size_t count) {
    struct export_item *list = calloc(count, sizeof list[0]);
    char *before[EXPORTS];
    MUST(list != NULL, "no memory");
    for (size_t i = 0; i < count; i++)
        list[i] = (struct export_item){i % 2 == 0 ? "" : "gita", i % 2 == 0 ? "" : "gita/task", &result[i]};
    for (size_t k = 0; k < EXPORTS; k++) {
        before[k] = EXPORT[k].make(list, count);
        export_must_be_sound(before[k], EXPORT[k].kind);
    }
    for (size_t i = 0; i < count; i++)
        result_trim(&result[i]);
    for (size_t k = 0; k < EXPORTS; k++) {
        char *after = EXPORT[k].make(list, count);
        MUST(strcmp(before[k], after) == 0, "an export that changes when the result is trimmed");
        free(after);
        free(before[k]);
    }
    free(list);
}
