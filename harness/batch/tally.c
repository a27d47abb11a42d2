/* SPDX-License-Identifier: MIT */
/* See tally.h. */
#include "harness/batch/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/text_escape.h"

enum { WHO_COLUMNS = 22, VERDICT_COLUMNS = 16, WHERE_BYTES = 120, REASON_BYTES = 1000, LETTERS = 26 };

char *tally_verdict(enum verdict verdict) {
    char *words = heap_format("%s", verdict_code(verdict));
    for (char *at = words; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    return words;
}

int tally_exit(const struct result *result) {
    return result->verdict == VERDICT_SKIPPED && result->exit == EXIT_USAGE ? EXIT_NOT_ACCEPTED : result->exit;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static char *where_built(const struct result *result) {
    for (size_t i = 0; i < result->diagnostic_count; i++) {
        const struct result_diagnostic *d = &result->diagnostic[i];
        if (strstr(d->kind, "error") != NULL)
            return heap_format("%s:%lld:%lld %s", base_name(d->file), (long long)d->line, (long long)d->column,
                               d->message);
    }
    return heap_format("%s", result->detail);
}

static char *where_case(const struct result_case *c) {
    if (c->hidden)
        return heap_format("%s", c->name);
    return heap_format("case %lld %s%s%s", (long long)c->number, c->name, c->place[0] != '\0' ? ", " : "", c->place);
}

static char *where_timed(const struct result_timing *timing) {
    char ratio[FORMAT_SIZE], needed[FORMAT_SIZE];
    if (!(timing->ratio > 0))
        return heap_format("%s", timing->name);
    return heap_format("%s %s, needs %s", timing->name, format_ratio(ratio, timing->ratio),
                       format_ratio(needed, timing->ratio_needed));
}

char *tally_where(const struct result *result) {
    if (result->verdict == VERDICT_PASSED)
        return heap_format("%s", "");
    if (result->built && result->build_verdict != VERDICT_PASSED)
        return where_built(result);
    for (size_t i = 0; i < result->case_count; i++)
        if (result->cases[i].verdict == result->verdict)
            return where_case(&result->cases[i]);
    for (size_t i = 0; i < result->timing_count; i++)
        if (result->timing[i].verdict == result->verdict)
            return where_timed(&result->timing[i]);
    return heap_format("%s", result->detail);
}

/* Not the submission's fault: whoever grades has to do something, and must be able to read what. */
static bool is_others(enum verdict verdict) {
    return outcome_of(verdict)->exit > EXIT_NOT_ACCEPTED;
}

static size_t machine_of(struct tally *tally, const struct result *result) {
    char *name = heap_format("%s, %lld cores, sandbox level %c", result->cpu, (long long)result->cores, result->level);
    for (size_t i = 0; i < tally->machine_count; i++)
        if (strcmp(tally->machine[i], name) == 0) {
            free(name);
            return i;
        }
    tally->machine = heap_resize(tally->machine, tally->machine_count + 1, sizeof tally->machine[0]);
    tally->machine[tally->machine_count] = name;
    return tally->machine_count++;
}

void tally_add(struct tally *tally, const char *person, const char *task, const struct result *result) {
    const char *who = person[0] != '\0' ? person : base_name(result->file);
    const int code = tally_exit(result);
    if ((tally->count & (tally->count - 1)) == 0)
        tally->row = heap_resize(tally->row, tally->count > 0 ? 2 * tally->count : 1, sizeof tally->row[0]);
    char *where = tally_where(result);
    const size_t most = is_others(result->verdict) ? REASON_BYTES : WHERE_BYTES;
    tally->row[tally->count++] = (struct tally_row){
        .who = heap_format("%s", who),
        .task = heap_format("%s", task),
        .challenge = heap_format("%s%s%s", result->challenge, result->challenge_version[0] != '\0' ? " " : "",
                                 result->challenge_version),
        .where = heap_copy(where, strnlen(where, most)),
        .points = result->points,
        .max_points = result->max_points,
        .ratio = result->ratio,
        .verdict = result->verdict,
        .machine = result->ratio > 0 ? machine_of(tally, result) : 0};
    free(where);
    tally->accepted += result->verdict == VERDICT_PASSED;
    tally->exit = code > tally->exit ? code : tally->exit;
}

/* NaN comes last. */
static int compare_falling(double a, double b) {
    const double left = isnan(a) ? -INFINITY : a, right = isnan(b) ? -INFINITY : b;
    return (left < right) - (left > right);
}

static int compare_rows(const void *a, const void *b) {
    const struct tally_row *left = a, *right = b;
    int order = (left->challenge[0] == '\0') - (right->challenge[0] == '\0'); /* what has no challenge comes last */
    if (order == 0)
        order = strcmp(left->challenge, right->challenge);
    if (order == 0)
        order = compare_falling(left->points, right->points);
    if (order == 0)
        order = compare_falling(left->ratio, right->ratio);
    return order != 0 ? order : strcmp(left->task, right->task);
}

/* A name cut to its columns, with blanks behind it. The caller frees. */
static char *column(const char *text, size_t columns) {
    char *clean = text_escape(text, strlen(text), screen_is_utf8());
    const size_t bytes = text_fit(clean, columns);
    char *cut = heap_copy(clean, bytes);
    const size_t used = text_columns(cut);
    char *padded = heap_format("%s%*s", cut, (int)(columns > used ? columns - used : 0), "");
    free(cut);
    free(clean);
    return padded;
}

static void print_row(const struct tally *tally, const struct tally_row *row, size_t who_columns,
                      const struct screen *screen) {
    char ratio[FORMAT_SIZE] = "-", mark[4] = "  ";
    char *who = column(row->who, who_columns), *verdict = tally_verdict(row->verdict);
    if (row->ratio > 0) {
        format_ratio(ratio, row->ratio);
        if (tally->machine_count > 1)
            mark[1] = row->machine < LETTERS ? (char)('a' + row->machine) : '*';
    }
    char *before = heap_format("  %s  ", who);
    char *after =
        heap_format("%*s %6.4g %8s%s  ", (int)(VERDICT_COLUMNS - (int)strlen(verdict)), "", row->points, ratio, mark);
    const size_t used = text_columns(before) + strlen(verdict) + text_columns(after);
    const bool below = is_others(row->verdict) && used + text_columns(row->where) > SCREEN_COLUMNS;
    char *whole = heap_format("%s%s", after, below ? "" : row->where);
    free(after);
    after = whole;
    for (size_t end = strlen(after); end > 0 && after[end - 1] == ' ';)
        after[--end] = '\0';
    screen_marked(screen, outcome_of(row->verdict)->style, before, verdict, "%s", after);
    if (below)
        screen_wrap(screen, 6, "%s", row->where);
    free(after);
    free(before);
    free(verdict);
    free(who);
}

static void print_head(const struct tally_row *row, size_t count, size_t who_columns, const struct screen *screen) {
    screen_line(screen, "%s: %zu submission%s", row->challenge[0] != '\0' ? row->challenge : "no challenge", count,
                count == 1 ? "" : "s");
    screen_line(screen, "  %-*s  %-*s points  speedup  where", (int)who_columns, "who", VERDICT_COLUMNS - 1, "verdict");
}

static size_t widest(const struct tally_row *row, size_t count) {
    size_t columns = strlen("who");
    for (size_t i = 0; i < count; i++) {
        const size_t own = text_columns(row[i].who);
        columns = own > columns ? own : columns;
    }
    return columns < WHO_COLUMNS ? columns : WHO_COLUMNS;
}

void tally_print(struct tally *tally, const struct screen *screen) {
    if (tally->count == 0)
        return;
    qsort(tally->row, tally->count, sizeof tally->row[0], compare_rows);
    for (size_t i = 0, end; i < tally->count; i = end) {
        for (end = i + 1; end < tally->count && strcmp(tally->row[end].challenge, tally->row[i].challenge) == 0;)
            end++;
        const size_t columns = widest(&tally->row[i], end - i);
        print_head(&tally->row[i], end - i, columns, screen);
        for (size_t k = i; k < end; k++)
            print_row(tally, &tally->row[k], columns, screen);
        screen_line(screen, "%s", "");
    }
    if (tally->machine_count > 1) {
        screen_wrap(screen, 0,
                    "Speedups of different machines are not comparable; the letter behind one says where it "
                    "was measured:");
        for (size_t i = 0; i < tally->machine_count; i++)
            screen_line(screen, "  %c  %s", i < LETTERS ? (char)('a' + i) : '*', tally->machine[i]);
        screen_line(screen, "%s", "");
    }
}

void tally_release(struct tally *tally) {
    for (size_t i = 0; i < tally->count; i++) {
        free(tally->row[i].who);
        free(tally->row[i].task);
        free(tally->row[i].challenge);
        free(tally->row[i].where);
    }
    for (size_t i = 0; i < tally->machine_count; i++)
        free(tally->machine[i]);
    free(tally->row);
    free(tally->machine);
    *tally = (struct tally){0};
}
