/* SPDX-License-Identifier: MIT */
/* GitHub's annotations: workflow commands, one on a line. A step shows about ten, so the worst ten go out, of as many
 * submissions as possible; all of them are in the step's summary. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/export/export_part.h"
#include "harness/export/issue.h"
#include "harness/heap.h"
#include "harness/text_escape.h"

enum { ANNOTATIONS_MOST = 10 };

/* The runner undoes these escapes once, so what was "%0A" before stays those three characters. */
static void put_escaped(FILE *out, const char *text, bool property) {
    for (; *text != '\0'; text++) {
        bool special = *text == '%' || *text == '\r' || *text == '\n' || (property && (*text == ':' || *text == ','));
        fprintf(out, special ? "%%%02X" : "%c", (unsigned)(unsigned char)*text);
    }
}

static void put_property(FILE *out, const char *text) {
    char *line = text_line(text);
    put_escaped(out, line, true);
    free(line);
}

static void put_annotation(FILE *out, const struct export_item *item, const struct issue *issue) {
    static const char *const COMMAND[] = {[ISSUE_BLOCKER] = "error",
                                          [ISSUE_CRITICAL] = "error",
                                          [ISSUE_MAJOR] = "error",
                                          [ISSUE_MINOR] = "error",
                                          [ISSUE_INFO] = "warning"};
    bool warning = strcmp(issue->check, "compiler_warning") == 0;
    const char *title = item->person[0] != '\0' ? item->task : item->result->challenge;
    fprintf(out, "::%s file=", warning ? "warning" : COMMAND[issue->severity]);
    put_property(out, issue->path);
    fprintf(out, ",line=%" PRId64, issue->line);
    if (issue->column > 0)
        fprintf(out, ",col=%" PRId64, issue->column);
    fputs(",title=", out);
    put_property(out, title[0] != '\0' ? title : "harness");
    fputs(" ", out);
    put_property(out, issue->check);
    fputs("::", out);
    put_escaped(out, issue->words, false);
    fputs("\n", out);
}

static int worst_first(const void *a, const void *b) {
    const struct issue *left = a, *right = b;
    if (left->severity != right->severity)
        return (int)left->severity - (int)right->severity;
    if (left->place != right->place)
        return left->place < right->place ? -1 : 1;
    return (left->item > right->item) - (left->item < right->item);
}

char *export_github(const struct export_item *item, size_t count) {
    struct heap_text into;
    struct issues issues;
    heap_text_open(&into);
    issues_find(item, count, &issues);
    if (issues.count > 0)
        qsort(issues.issue, issues.count, sizeof issues.issue[0], worst_first);
    for (size_t i = 0; i < issues.count && i < ANNOTATIONS_MOST; i++)
        put_annotation(into.stream, &item[issues.issue[i].item], &issues.issue[i]);
    issues_release(&issues);
    return heap_text_take(&into, NULL);
}
