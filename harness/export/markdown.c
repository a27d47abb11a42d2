/* SPDX-License-Identifier: MIT */
/* Tables in GitHub's Markdown, as GitLab and pandoc read it too.
 *
 * What a candidate may have written stands in code spans: nothing in them is a link, a picture, HTML, or a mention that
 * sends somebody mail. Only two characters have a meaning there, the backtick and the bar of the table. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/export/export_part.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/result/cause.h"
#include "harness/text_escape.h"

enum { CELL_BYTES = 300 };

static void put_code(FILE *out, const char *text) {
    char *line = text_line(text);
    size_t length = strlen(line), shown = length;
    if (length > CELL_BYTES) {
        shown = CELL_BYTES;
        while (shown > 0 && ((unsigned char)line[shown] & 0xc0) == 0x80)
            shown--;
    }
    fputs(shown > 0 ? "`" : "-", out);
    for (size_t i = 0; i < shown; i++)
        fprintf(out, line[i] == '`' || line[i] == '|' ? "\\x%02x" : "%c", (unsigned)(unsigned char)line[i]);
    fprintf(out, "%s%s", shown < length ? "..." : "", shown > 0 ? "`" : "");
    free(line);
}

/* In small letters: "wrong answer". */
static void put_verdict(FILE *out, enum verdict verdict) {
    for (const char *at = verdict_code(verdict); *at != '\0'; at++)
        fputc(*at == '_' ? ' ' : *at, out);
}

static void put_ratio(FILE *out, double ratio, double low, double high) {
    char text[FORMAT_SIZE], from[FORMAT_SIZE], to[FORMAT_SIZE];
    if (!(ratio > 0) || isinf(ratio))
        fputs("-", out);
    else if (!(low > 0) || !(high > 0) || isinf(high))
        fputs(format_ratio(text, ratio), out);
    else
        fprintf(out, "%s (%s to %s)", format_ratio(text, ratio), format_ratio(from, low), format_ratio(to, high));
}

static void put_points(FILE *out, const struct result *r) {
    if (!export_is_judged(r))
        fputs("-", out);
    else
        fprintf(out, "%.4g of %.4g", export_points(r->points), export_points(r->max_points));
}

static char *row_of(const struct export_item *item) {
    struct heap_text into;
    const struct result *r = item->result;
    char *cause = r->verdict != VERDICT_PASSED ? cause_of_result(r) : heap_format("%s", "");
    heap_text_open(&into);
    fputs("| ", into.stream);
    put_code(into.stream, export_who(item));
    fputs(" | ", into.stream);
    put_code(into.stream, r->challenge);
    fputs(" | ", into.stream);
    put_verdict(into.stream, r->verdict);
    fputs(" | ", into.stream);
    put_points(into.stream, r);
    fputs(" | ", into.stream);
    put_ratio(into.stream, r->ratio, r->ratio_low, r->ratio_high);
    fputs(" | ", into.stream);
    put_code(into.stream, cause);
    fputs(" |\n", into.stream);
    free(cause);
    return heap_text_take(&into, NULL);
}

static void put_head(FILE *out, const struct export_item *item, size_t count) {
    const struct export_total total = export_add_up(item, count);
    fprintf(out, "### %zu of %zu accepted\n\n", total.accepted, count);
    fputs("| who | challenge | verdict | points | speedup | why |\n"
          "|---|---|---|--:|--:|---|\n",
          out);
}

static void put_cases(FILE *out, const struct result *r) {
    const struct cause_count count = cause_count_cases(r);
    if (count.total + count.hidden_total == 0)
        return;
    fprintf(out, "\n%zu of %zu cases passed, %zu of %zu hidden ones.\n", count.passed, count.total, count.hidden_passed,
            count.hidden_total);
    if (count.passed == count.total)
        return;
    fputs("\n| case | verdict | what |\n|---|---|---|\n", out);
    for (size_t i = 0; i < r->case_count; i++) {
        const struct result_case *c = &r->cases[i];
        if (c->hidden || c->verdict == VERDICT_PASSED)
            continue;
        char *cause = cause_of_case(c);
        fputs("| ", out);
        put_code(out, c->name);
        fputs(" | ", out);
        put_verdict(out, c->verdict);
        fputs(" | ", out);
        put_code(out, cause);
        fputs(" |\n", out);
        free(cause);
    }
}

static void put_timing(FILE *out, const struct result *r) {
    char yours[FORMAT_SIZE], theirs[FORMAT_SIZE];
    if (r->timing_count == 0)
        return;
    fputs("\n| timed case | verdict | yours | reference | speedup |\n|---|---|--:|--:|--:|\n", out);
    for (size_t i = 0; i < r->timing_count; i++) {
        const struct result_timing *t = &r->timing[i];
        fputs("| ", out);
        put_code(out, t->name);
        fputs(" | ", out);
        put_verdict(out, t->verdict);
        fprintf(out, " | %s | %s | ", t->candidate_ns > 0 ? format_duration(yours, t->candidate_ns) : "-",
                t->baseline_ns > 0 ? format_duration(theirs, t->baseline_ns) : "-");
        put_ratio(out, t->ratio, t->low, t->high);
        fputs(" |\n", out);
    }
}

/* What is below the table: more about a submission that is alone, a warning about a table of many. */
static char *tail_of(const struct export_item *item, size_t count) {
    struct heap_text into;
    heap_text_open(&into);
    const size_t machines = export_machines(item, count);
    if (machines > 1)
        fprintf(into.stream,
                "\nSpeeds were measured on %zu different machines. Each is relative to the reference on the same "
                "machine, and they make no ranking together.\n",
                machines);
    if (count == 1) {
        put_cases(into.stream, item[0].result);
        put_timing(into.stream, item[0].result);
    }
    return heap_text_take(&into, NULL);
}

/* Which rows fit: those that were not accepted first, each in its order. Returns how many do not. */
static size_t choose(const struct export_item *item, char *const *row, bool *shown, size_t count, size_t room) {
    size_t left_out = 0;
    for (int accepted = 0; accepted < 2; accepted++)
        for (size_t i = 0; i < count; i++) {
            if ((item[i].result->verdict == VERDICT_PASSED) != (accepted == 1))
                continue;
            const size_t size = strlen(row[i]);
            shown[i] = left_out == 0 && size <= room;
            room -= shown[i] ? size : 0;
            left_out += !shown[i];
        }
    return left_out;
}

char *export_markdown_within(const struct export_item *item, size_t count, size_t room) {
    enum { NOTE_BYTES = 200 };
    struct heap_text into;
    heap_text_open(&into);
    put_head(into.stream, item, count);
    fflush(into.stream);
    char *tail = tail_of(item, count), **row = heap_zeroed(count, sizeof row[0]);
    bool *shown = heap_zeroed(count, sizeof shown[0]);
    const size_t fixed = into.size + strlen(tail) + NOTE_BYTES;
    for (size_t i = 0; i < count; i++)
        row[i] = row_of(&item[i]);
    const size_t left_out = choose(item, row, shown, count, room > fixed ? room - fixed : 0);
    for (size_t i = 0; i < count; i++) {
        if (shown[i])
            fputs(row[i], into.stream);
        free(row[i]);
    }
    if (left_out > 0)
        fprintf(into.stream, "\n%zu more submissions are not shown, since the summary of a step has a limit.\n",
                left_out);
    if (room > fixed)
        fputs(tail, into.stream);
    free(shown);
    free(row);
    free(tail);
    return heap_text_take(&into, NULL);
}

char *export_markdown(const struct export_item *item, size_t count) {
    return export_markdown_within(item, count, SIZE_MAX);
}
