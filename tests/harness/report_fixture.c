/* SPDX-License-Identifier: MIT */
/* report_fixture NAME FORMAT: one report of one fixture on the standard output; report_test.py and export_test.py look
 * at it. report_fixture --list: the names. FORMAT all-json, all-junit and so on: every fixture in one report, each
 * handed in by somebody; NAME is how many times over. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/export/export_part.h"
#include "harness/heap.h"
#include "tests/harness/fixture.h"

enum { FIXTURES_MOST = 32 };

static struct fixture fixture; /* too large for the stack */

static char *export_short_markdown(const struct export_item *item, size_t count) {
    return export_markdown_within(item, count, 4000);
}

static const struct {
    const char *name;
    char *(*make)(const struct export_item *item, size_t count);
} EXPORT[] = {
    {"junit", export_junit},
    {"csv", export_csv},
    {"points-csv", export_points_csv},
    {"markdown", export_markdown},
    {"gradescope", export_gradescope},
    {"code-quality", export_code_quality},
    {"github", export_github},
    {"classroom", export_classroom},
    {"short-markdown", export_short_markdown},
};

static void read_result(const struct report_item *item, struct result *result) {
    const struct report_look look = {.timing = true};
    struct error error;
    char *text = report_json(item, 1, &look);
    if (result_of_text(text, strlen(text), "fixture", result, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        exit(2);
    }
    free(text);
}

/* Returns whether FORMAT is one of the exports. */
static bool print_export(const struct export_item *item, size_t count, const char *format) {
    for (size_t i = 0; i < sizeof EXPORT / sizeof EXPORT[0]; i++) {
        if (strcmp(EXPORT[i].name, format) != 0)
            continue;
        char *text = EXPORT[i].make(item, count);
        fputs(text, stdout);
        free(text);
        return true;
    }
    return false;
}

static bool print_one_export(const struct report_item *item, const char *format) {
    struct result result;
    read_result(item, &result);
    const struct export_item one = {"", "", &result};
    const bool printed = print_export(&one, 1, format);
    result_release(&result);
    return printed;
}

static int print_one(const struct report_item *item, const char *format) {
    struct screen screen = {
        .out = stdout, .colour = strcmp(format, "colour") == 0, .utf8 = strcmp(format, "utf8") == 0};
    struct report_look look = {.timing = true,
                               .quiet = strcmp(format, "quiet") == 0,
                               .verbose = strcmp(format, "verbose") == 0,
                               .raw = strcmp(format, "raw") == 0,
                               .seed_secret = strcmp(format, "secret") == 0};
    if (strcmp(format, "json") == 0) {
        char *text = report_json(item, 1, &look);
        fputs(text, stdout);
        free(text);
    } else if (!print_one_export(item, format)) {
        report_text(&screen, &look, item);
    }
    return 0;
}

static int print_all_json(void) {
    const struct report_look look = {.timing = true};
    struct fixture *all = heap_zeroed(FIXTURES_MOST, sizeof *all);
    struct report_item item[FIXTURES_MOST];
    size_t count = 0;
    for (; FIXTURE[count].name != NULL; count++) {
        FIXTURE[count].make(&all[count]);
        item[count] = all[count].item;
    }
    char *text = report_json(item, count, &look);
    fputs(text, stdout);
    free(text);
    free(all);
    return 0;
}

static int print_all(size_t times, const char *format) {
    struct export_item *item = heap_zeroed(FIXTURES_MOST * times, sizeof item[0]);
    struct result *result = heap_zeroed(FIXTURES_MOST * times, sizeof result[0]);
    size_t count = 0;
    for (size_t round = 0; round < times; round++)
        for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++, count++) {
            entry->make(&fixture);
            read_result(&fixture.item, &result[count]);
            char *person = heap_format("@%s%zu", entry->name, round);
            item[count] = (struct export_item){person, heap_format("%s/attention-causal", person), &result[count]};
        }
    const bool printed = print_export(item, count, format);
    for (size_t i = 0; i < count; i++) {
        free((char *)item[i].person);
        free((char *)item[i].task);
        result_release(&result[i]);
    }
    free(result);
    free(item);
    return printed ? 0 : 2;
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++)
            puts(entry->name);
        return 0;
    }
    if (argc != 3)
        return 2;
    if (strcmp(argv[2], "all-json") == 0)
        return print_all_json();
    if (strncmp(argv[2], "all-", 4) == 0)
        return print_all(strtoul(argv[1], NULL, 10), argv[2] + 4);
    for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++) {
        if (strcmp(entry->name, argv[1]) == 0) {
            entry->make(&fixture);
            return print_one(&fixture.item, argv[2]);
        }
    }
    return 2;
}
