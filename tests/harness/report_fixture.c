/* SPDX-License-Identifier: MIT */
/* report_fixture NAME FORMAT: one report of one fixture on the standard output; report_test.py looks at it.
 * report_fixture --list: the names. FORMAT all-json and all-junit: every fixture in one report (NAME is ignored). */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/fixture.h"

static struct fixture fixture; /* too large for the stack */

static int print_one(const struct report_item *item, const char *format) {
    struct screen screen = {
        .out = stdout, .colour = strcmp(format, "colour") == 0, .utf8 = strcmp(format, "utf8") == 0};
    struct report_look look = {.timing = true,
                               .quiet = strcmp(format, "quiet") == 0,
                               .verbose = strcmp(format, "verbose") == 0,
                               .raw = strcmp(format, "raw") == 0,
                               .seed_secret = strcmp(format, "secret") == 0};
    if (strcmp(format, "json") == 0 || strcmp(format, "junit") == 0) {
        char *text = format[1] == 's' ? report_json(item, 1, &look) : report_junit(item, 1, &look);
        fputs(text, stdout);
        free(text);
    } else {
        report_text(&screen, &look, item);
    }
    return 0;
}

static int print_all(const char *format) {
    struct report_look look = {.timing = true};
    struct fixture *all = calloc(32, sizeof *all);
    struct report_item item[32];
    size_t count = 0;
    if (all == NULL)
        return 2;
    for (; FIXTURE[count].name != NULL; count++) {
        FIXTURE[count].make(&all[count]);
        item[count] = all[count].item;
    }
    char *text = strcmp(format, "all-json") == 0 ? report_json(item, count, &look) : report_junit(item, count, &look);
    fputs(text, stdout);
    free(text);
    free(all);
    return 0;
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
    if (strncmp(argv[2], "all-", 4) == 0)
        return print_all(argv[2]);
    for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++) {
        if (strcmp(entry->name, argv[1]) == 0) {
            entry->make(&fixture);
            return print_one(&fixture.item, argv[2]);
        }
    }
    return 2;
}
