/* SPDX-License-Identifier: MIT */
/* The screen: what was done, what it gave, and the verdict last, with what to do next. */
#include "harness/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/report_part.h"
#include "harness/text_escape.h"
#include "harness/view.h"

enum verdict report_verdict(const struct report_item *item) {
    if (item->grade != NULL)
        return item->grade->verdict;
    return item->interrupted ? VERDICT_SKIPPED : outcome_verdict_of_error(item->error.owner);
}

int report_exit(const struct report_item *item) {
    if (item->grade == NULL && !item->interrupted)
        return outcome_exit_of_error(item->error.owner);
    return outcome_of(report_verdict(item))->exit;
}

static void blank(const struct screen *screen) {
    screen_line(screen, "%s", "");
}

static void put_header(const struct screen *screen, const struct grade *grade) {
    char seconds[FORMAT_SIZE];
    unsigned threads = grade->timing_count > 0 && grade->timing[0].threads > 0 ? grade->timing[0].threads : 1;
    char *what = heap_format("%s: challenge %s %s", grade->file, grade->spec != NULL ? grade->spec->id : "?",
                             grade->spec != NULL ? grade->spec->version : "?");
    char *where = heap_format("%u thread%s of %s (%s, %s)", threads, threads == 1 ? "" : "s", grade->machine.cpu,
                              grade->machine.vector, format_seconds(seconds, grade->wall_ns));
    if (strlen(what) + strlen(where) + 2 <= SCREEN_COLUMNS) {
        screen_line(screen, "%s, %s", what, where);
    } else {
        screen_wrap(screen, 0, "%s", what);
        screen_wrap(screen, 2, "%s", where);
    }
    free(what);
    free(where);
    blank(screen);
}

/* "4.6x the reference (2.0x needed)   86 of 100 points" */
static char *result_words(const struct grade *grade) {
    struct heap_text into;
    char ratio[FORMAT_SIZE], needed[FORMAT_SIZE];
    heap_text_open(&into);
    if (grade->ratio > 0 && grade->timing_count > 0)
        fprintf(into.stream, "%s the reference (%s needed)   ", format_ratio(ratio, grade->ratio),
                format_ratio(needed, grade->timing[0].ratio_needed));
    fprintf(into.stream, "%.4g of %.4g points", grade->points, grade->max_points);
    return heap_text_take(&into, NULL);
}

/* "case 10 of 12: odd_tail   b=1 h=2 t=33 d=16" behind the title */
static char *place_words(const struct grade *grade) {
    size_t i, hidden;
    switch (view_deciding(grade, &i)) {
    case VIEW_CASE:
        hidden = view_hidden_number(grade, i);
        if (hidden > 0)
            return heap_format("hidden case %zu", hidden);
        size_t total = grade->spec != NULL ? grade->spec->case_count - grade->spec->hidden_count : grade->case_count;
        return heap_format("case %zu of %zu: %s   %s", grade->cases[i].number, total,
                           grade->cases[i].name != NULL ? grade->cases[i].name : "?", grade->cases[i].sizes);
    case VIEW_TIMING:
        if (grade->verdict == VERDICT_TOO_SLOW)
            return result_words(grade);
        hidden = view_hidden_timing(grade, i);
        if (hidden > 0)
            return heap_format("hidden timed case %zu", hidden);
        return heap_format("timed case %s   %s", grade->timing[i].name != NULL ? grade->timing[i].name : "?",
                           grade->timing[i].sizes);
    default:
        return grade->verdict == VERDICT_PASSED || grade->verdict == VERDICT_TOO_SLOW ? result_words(grade)
                                                                                      : heap_format("%s", "");
    }
}

static void put_title(const struct screen *screen, const struct grade *grade) {
    enum verdict verdict = grade->verdict;
    char *words = place_words(grade);
    bool half = grade->interrupted && (verdict == VERDICT_PASSED || verdict == VERDICT_SKIPPED);
    if (half)
        screen_marked(screen, SCREEN_WARN, "", "INTERRUPTED", "   what was finished stands above");
    else
        screen_marked(screen, outcome_of(verdict)->style, "", verdict_title(verdict), "   %s", words);
    if (!half && grade->interrupted)
        screen_line(screen, "  interrupted: what was finished stands above");
    size_t i;
    if (view_deciding(grade, &i) == VIEW_CASE && grade->spec != NULL && grade->spec->partial && grade->max_points > 0)
        screen_line(screen, "  %.4g of %.4g points for what is right", grade->points, grade->max_points);
    free(words);
}

static void put_details(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    size_t i;
    enum view_part part = view_deciding(grade, &i);
    const char *remedy = outcome_of(grade->verdict)->remedy;
    if (part == VIEW_CASE) {
        report_case(screen, grade, i);
        return;
    }
    if (grade->verdict == VERDICT_COMPILE_ERROR || (part == VIEW_BUILD && look->raw)) {
        report_compile_error(screen, look, grade);
        return;
    }
    const char *detail = part == VIEW_BUILD ? grade->build.detail : part == VIEW_TIMING ? grade->timing[i].detail : "";
    if (detail[0] == '\0')
        detail = grade->detail;
    if (view_deciding_hidden(grade))
        detail = verdict_sentence(grade->verdict);
    if (detail[0] != '\0')
        screen_wrap(screen, 2, "%s", detail);
    if (grade->verdict == VERDICT_PASSED || grade->verdict == VERDICT_TOO_SLOW)
        report_speed_advice(screen, grade);
    else if (detail[0] == '\0' && grade->verdict != VERDICT_SKIPPED)
        screen_wrap(screen, 2, "%s", verdict_sentence(grade->verdict));
    if (remedy != NULL)
        screen_wrap(screen, 2, "%s", remedy);
}

static void put_cases(const struct screen *screen, const struct grade *grade) {
    struct view_count count;
    view_count_cases(grade, &count);
    blank(screen);
    screen_line(screen, "  %3s %-20s %-16s %8s %6s  %s", "", "case", "verdict", "time", "used", "sizes");
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        char time[FORMAT_SIZE] = "-", used[FORMAT_SIZE] = "-";
        if (c->hidden)
            continue;
        if (c->output_count > 0)
            format_share(used, c->used);
        if (c->wall_ns > 0)
            format_duration(time, (double)c->wall_ns);
        char *name = view_case_name(grade, i);
        screen_line(screen, "  %3zu %-20.20s %-16s %8s %6s  %s", c->number, name, verdict_code(c->verdict), time, used,
                    c->sizes);
        free(name);
    }
    if (count.hidden_total > 0)
        screen_line(screen, "      hidden: %zu of %zu passed", count.hidden_passed, count.hidden_total);
}

/* What the candidate printed, line by line behind a bar, so that none of it can pass for a line of ours. */
static void put_output(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    if (grade->output_text == NULL || grade->output_bytes == 0)
        return;
    blank(screen);
    if (view_output_secret(grade)) {
        screen_wrap(screen, 2,
                    "The program printed %zu bytes. They are shown when a public case runs alone: --case NAME.",
                    grade->output_bytes);
        return;
    }
    size_t most = look->verbose ? 200 : 8, lines = 0;
    screen_line(screen, "  The program printed %zu bytes:", grade->output_bytes);
    const char *at = grade->output_text, *end = at + grade->output_bytes;
    while (at < end && lines++ < most) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop != NULL ? stop : end) - at);
        char *line = text_escape(at, length, screen->utf8);
        screen_line(screen, "  | %s", line);
        free(line);
        at += length + 1;
    }
    if (at < end)
        screen_line(screen, "  | ...%s", look->verbose ? "" : " (all of it: -v)");
}

/* A command to copy is never cut: what does not fit goes to lines of its own, and a file for which even that is too
 * short is left to the reader. `option` is "" or begins with a space; takes ownership of both. */
static void put_command(const struct screen *screen, const char *label, char *command, char *option, const char *file) {
    enum { INDENT = 8, SLASH = 2 };
    char *word = text_shell(file), *line = heap_format("  %s   harness run%s%s", label, command, option);
    if (text_columns(word) + INDENT > SCREEN_COLUMNS) {
        free(word);
        word = heap_format("FILE");
    }
    if (text_columns(line) + 1 + text_columns(word) <= SCREEN_COLUMNS) {
        screen_line(screen, "%s %s", line, word);
    } else if (text_columns(line) + SLASH <= SCREEN_COLUMNS) {
        screen_line(screen, "%s \\", line);
        screen_line(screen, "%*s%s", INDENT, "", word);
    } else {
        bool one = INDENT - 1 + text_columns(option) + 1 + text_columns(word) <= SCREEN_COLUMNS;
        screen_line(screen, "  %s   harness run%s \\", label, command);
        screen_line(screen, "%*s%s %s", INDENT - 1, "", option, one ? word : "\\");
        if (!one)
            screen_line(screen, "%*s%s", INDENT, "", word);
    }
    free(line);
    free(word);
    free(option);
    free(command);
}

static void put_again(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    size_t i;
    enum view_part part = view_deciding(grade, &i);
    char *id = look->challenge_option != NULL ? text_shell(look->challenge_option) : heap_format("%s", "");
    char *seed = look->seed_secret ? heap_format("%s", "") : heap_format(" --seed %" PRIu64, grade->seed);
    char *option = id[0] != '\0' ? heap_format(" --challenge %s", id) : heap_format("%s", "");
    if (part == VIEW_BUILD && !look->raw && grade->verdict == VERDICT_COMPILE_ERROR)
        put_command(screen, "gcc's own words", heap_format(" --raw"), option, grade->file);
    else if (part == VIEW_CASE && view_hidden_number(grade, i) == 0)
        put_command(screen, "same case", heap_format(" --case %zu%s", grade->cases[i].number, seed), option,
                    grade->file);
    else if (part != VIEW_BUILD && !look->seed_secret)
        put_command(screen, "same inputs", heap_format("%s", seed), option, grade->file);
    else
        free(option);
    free(seed);
    free(id);
}

static void put_warnings(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    if (grade->flushes_denormals)
        screen_wrap(screen, 2,
                    "warning: results below 1.2e-38 came out as zero. The program, or an option in it, "
                    "switches denormal numbers off.");
    if (look->verbose && grade->verdict != VERDICT_COMPILE_ERROR && grade->build.diagnostics.warning_count > 0) {
        blank(screen);
        report_diagnostics(screen, grade, "warning", 20);
    }
    if (look->verbose && grade->blas_core[0] != '\0')
        screen_wrap(screen, 2, "reference: OpenBLAS for %s; %s; kernel %s", grade->blas_core, grade->blas_config,
                    grade->machine.kernel);
}

static void put_error(const struct screen *screen, const struct report_look *look, const struct report_item *item) {
    enum verdict verdict = report_verdict(item);
    if (look->quiet) {
        char *words = heap_format("%s: %s   %s", item->file, verdict_title(verdict), item->error.text);
        screen_line(screen, "%s", words);
        free(words);
        return;
    }
    screen_wrap(screen, 0, "%s: %s%s", item->file, item->challenge != NULL ? "challenge " : "not graded",
                item->challenge != NULL ? item->challenge : "");
    blank(screen);
    screen_marked(screen, outcome_of(verdict)->style, "", verdict_title(verdict), "%s",
                  item->interrupted ? "   interrupted before this file" : "");
    if (!item->interrupted) {
        blank(screen);
        screen_wrap(screen, 2, "%s", item->error.text);
    }
    if (outcome_of(verdict)->remedy != NULL)
        screen_wrap(screen, 2, "%s", outcome_of(verdict)->remedy);
}

void report_text(const struct screen *screen, const struct report_look *look, const struct report_item *item) {
    const struct grade *grade = item->grade;
    if (grade == NULL) {
        put_error(screen, look, item);
        return;
    }
    if (look->quiet) {
        char *words = place_words(grade), *before = heap_format("%s: ", grade->file);
        size_t size = strlen(before) < 40 ? strlen(before) : 40;
        screen_marked(screen, SCREEN_PLAIN, "", "", "%.*s%s   %s", (int)size, before, verdict_title(grade->verdict),
                      words);
        free(before);
        free(words);
        return;
    }
    put_header(screen, grade);
    report_stages(screen, look, grade);
    report_gates(screen, grade);
    report_speed_table(screen, look, grade);
    if (look->verbose && grade->build.verdict == VERDICT_PASSED)
        put_cases(screen, grade);
    if (grade->verdict == VERDICT_TOO_SLOW)
        report_roofline(screen, grade);
    put_output(screen, look, grade);
    report_curve(screen, grade);
    blank(screen);
    put_title(screen, grade);
    if (grade->verdict != VERDICT_PASSED && grade->verdict != VERDICT_SKIPPED)
        blank(screen);
    put_details(screen, look, grade);
    put_warnings(screen, look, grade);
    put_again(screen, look, grade);
}

void report_text_summary(const struct screen *screen, const struct report_item *item, size_t count) {
    size_t passed = 0;
    for (size_t i = 0; i < count; i++)
        passed += item[i].grade != NULL && report_verdict(&item[i]) == VERDICT_PASSED;
    screen_line(screen, "%zu of %zu accepted", passed, count);
}
