/* SPDX-License-Identifier: MIT */
/* CSV as RFC 4180 has it: CR LF at the end of a line, quotes around every text.
 *
 * Spreadsheets take a cell for a formula when it begins with one of = + - @ (or with a tab or a line end, which is no
 * part of a line here), so a text of a candidate's that does gets an apostrophe in front. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/export/export_part.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/result/cause.h"
#include "harness/text_escape.h"

static const char LINE_END[] = "\r\n";

static bool is_formula(const char *text) {
    static const char *const WIDE[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"}; /* full-width = + - @ */
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof WIDE / sizeof WIDE[0]; i++)
        if (strncmp(text, WIDE[i], strlen(WIDE[i])) == 0)
            return true;
    return text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
}

static void put_text(FILE *out, const char *text, const char *after) {
    char *line = text_line(text);
    fputs(is_formula(line) ? "\"'" : "\"", out);
    for (const char *at = line; *at != '\0'; at++)
        fprintf(out, *at == '"' ? "\"\"" : "%c", *at);
    fprintf(out, "\"%s", after);
    free(line);
}

/* Empty when it is not known. */
static void put_number(FILE *out, double value, const char *after) {
    char digits[FORMAT_SIZE];
    fprintf(out, "%s%s", isfinite(value) ? format_exact(digits, value) : "", after);
}

static void put_row(FILE *out, const struct export_item *item) {
    const struct result *r = item->result;
    const struct cause_count count = cause_count_cases(r);
    const char letter[] = {r->level, '\0'};
    char *cause = r->verdict != VERDICT_PASSED ? cause_of_result(r) : heap_format("%s", "");
    put_text(out, item->person, ",");
    put_text(out, item->task, ",");
    put_text(out, r->file, ",");
    put_text(out, r->challenge, ",");
    put_text(out, r->challenge_version, ",");
    put_text(out, verdict_code(r->verdict), ",");
    put_number(out, r->points, ",");
    put_number(out, r->max_points, ",");
    put_number(out, r->ratio, ",");
    put_number(out, r->ratio_low, ",");
    put_number(out, r->ratio_high, ",");
    fprintf(out, "%zu,%zu,%zu,%zu,", count.passed, count.total, count.hidden_passed, count.hidden_total);
    put_text(out, cause, ",");
    put_text(out, r->sha256, ",");
    put_text(out, r->cpu, ",");
    fprintf(out, "%lld,", (long long)r->cores);
    put_text(out, letter, ",");
    put_number(out, (double)r->wall_ns / 1e9, ",");
    fprintf(out, "%d%s", r->exit, LINE_END);
    free(cause);
}

char *export_csv(const struct export_item *item, size_t count) {
    struct heap_text into;
    heap_text_open(&into);
    fprintf(into.stream,
            "person,task,file,challenge,version,verdict,points,max_points,speedup,speedup_low,speedup_high,passed,"
            "cases,hidden_passed,hidden_cases,cause,sha256,cpu,cores,sandbox,seconds,exit%s",
            LINE_END);
    for (size_t i = 0; i < count; i++)
        put_row(into.stream, &item[i]);
    return heap_text_take(&into, NULL);
}

/* A machine's fault is no mark: the points then stay empty, and the book keeps what it had. */
char *export_points_csv(const struct export_item *item, size_t count) {
    struct heap_text into;
    heap_text_open(&into);
    fprintf(into.stream, "person,challenge,points,max_points%s", LINE_END);
    for (size_t i = 0; i < count; i++) {
        const struct result *r = item[i].result;
        if (item[i].person[0] == '\0')
            continue;
        put_text(into.stream, item[i].person, ",");
        put_text(into.stream, r->challenge, ",");
        put_number(into.stream, export_is_judged(r) ? export_points(r->points) : NAN, ",");
        put_number(into.stream, r->max_points, LINE_END);
    }
    return heap_text_take(&into, NULL);
}
