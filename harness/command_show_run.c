/* SPDX-License-Identifier: MIT */
/* harness show-run N: what a run that is kept has said, from its document alone. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/command.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/outfile.h"
#include "harness/store/keep.h"
#include "harness/store/standing.h"
#include "harness/store/store.h"
#include "harness/text_escape.h"

enum { LABEL = 12 };

static void put_labelled(const struct screen *screen, const char *label, char *text) {
    char *name = heap_format("  %s", label);
    screen_wrap_labelled(screen, LABEL, name, text);
    free(name);
    free(text);
}

static void put_head(const struct screen *screen, const struct store_row *row, const struct result *result) {
    char seconds[FORMAT_SIZE];
    screen_wrap(screen, 0, "run %" PRId64 ": %s: challenge %s %s (%s)", row->number, result->file, result->challenge,
                result->challenge_version, format_seconds(seconds, result->wall_ns));
    screen_line(screen, "%s", "");
    char *who = row->person[0] != '\0' ? heap_format(", by %s", row->person) : heap_format("%s", "");
    put_labelled(screen, "graded",
                 heap_format("%s%s%s%s, harness %s", row->started, row->host[0] != '\0' ? " on " : "", row->host, who,
                             row->command));
    if (result->level != '-')
        put_labelled(screen, "machine",
                     heap_format("%s, %s, %" PRId64 " core%s, %s, sandbox level %c", result->cpu, result->vector,
                                 result->cores, result->cores == 1 ? "" : "s", result->kernel, result->level));
    if (result->compiler[0] != '\0')
        put_labelled(screen, "build", heap_format("%s %s", result->compiler, result->flags));
    if (result->seed != NULL)
        put_labelled(screen, "seed", heap_format("%s", result->seed));
    put_labelled(screen, "sha256", heap_format("%s", result->sha256[0] != '\0' ? result->sha256 : "unknown"));
    free(who);
}

static void put_cases(const struct screen *screen, const struct result *result, bool all) {
    size_t shown = 0, passed = 0, hidden = 0, hidden_passed = 0, listed = 0;
    for (size_t i = 0; i < result->case_count; i++) {
        bool right = result->cases[i].verdict == VERDICT_PASSED;
        *(result->cases[i].hidden ? &hidden : &shown) += 1;
        *(result->cases[i].hidden ? &hidden_passed : &passed) += right;
    }
    if (result->case_count == 0)
        return;
    char *more = hidden > 0 ? heap_format(", hidden %zu/%zu", hidden_passed, hidden) : heap_format("%s", "");
    put_labelled(screen, "correct", heap_format("%zu/%zu%s", passed, shown, more));
    free(more);
    for (size_t i = 0; i < result->case_count; i++) {
        const struct result_case *c = &result->cases[i];
        char used[FORMAT_SIZE] = "-";
        if (c->hidden || (c->verdict == VERDICT_PASSED && !all))
            continue;
        if (listed++ == 0) {
            screen_line(screen, "%s", "");
            screen_line(screen, "  %3s %-20s %-16s %6s  %s", "", "case", "verdict", "used", "sizes");
        }
        if (!isnan(c->used))
            format_share(used, c->used);
        screen_line(screen, "  %3" PRId64 " %-20.20s %-16s %6s  %s", c->number, c->name, verdict_code(c->verdict), used,
                    c->sizes);
        if (all && c->verdict != VERDICT_PASSED && c->detail[0] != '\0')
            screen_wrap(screen, 6, "%s", c->detail);
    }
}

static void put_gates(const struct screen *screen, const struct result *result) {
    if (result->gate_count == 0)
        return;
    screen_line(screen, "%s", "");
    screen_line(screen, "  %-20s %-6s  %-7s %-14s", "gate", "", "cases", "points");
    for (size_t i = 0; i < result->gate_count; i++) {
        const struct result_gate *g = &result->gate[i];
        bool passed = g->passed == g->cases;
        char *before = heap_format("  %-20.20s ", g->name),
             *count = heap_format("%" PRId64 "/%" PRId64, g->passed, g->cases),
             *points = heap_format("%.4g of %.4g", g->points, g->max_points);
        screen_marked(screen, passed ? SCREEN_GOOD : SCREEN_BAD, before, passed ? "passed" : "FAILED",
                      "  %-7s %-14s %s", count, points, g->title);
        free(points);
        free(count);
        free(before);
    }
}

static void put_timings(const struct screen *screen, const struct result *result) {
    for (size_t i = 0; i < result->timing_count; i++) {
        const struct result_timing *t = &result->timing[i];
        char mine[FORMAT_SIZE], base[FORMAT_SIZE], ratio[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE];
        if (i == 0) {
            screen_line(screen, "%s", "");
            screen_line(screen, "  %-20s %-10s %-10s %-22s %s", "case", "yours", "reference", "speedup [95 %]",
                        "sizes");
        }
        if (!(t->ratio > 0)) {
            screen_line(screen, "  %-20.20s %s", t->name, verdict_title(t->verdict));
            continue;
        }
        format_ratio(low, t->low);
        format_ratio(high, t->high);
        low[strcspn(low, "x")] = high[strcspn(high, "x")] = '\0'; /* one x is enough */
        char *speed = heap_format("%s [%s, %s]", format_ratio(ratio, t->ratio), low, high);
        screen_line(screen, "  %-20.20s %-10s %-10s %-22s %s", t->name,
                    t->hidden ? "" : format_duration(mine, t->candidate_ns),
                    t->hidden ? "" : format_duration(base, t->baseline_ns), speed, t->sizes);
        free(speed);
    }
}

static void put_verdict(const struct screen *screen, const struct result *result) {
    char ratio[FORMAT_SIZE];
    char *speed = result->ratio > 0 ? heap_format("%s the reference   ", format_ratio(ratio, result->ratio))
                                    : heap_format("%s", "");
    char *points = isnan(result->max_points) ? heap_format("%s", "")
                                             : heap_format("%.4g of %.4g points", result->points, result->max_points);
    screen_line(screen, "%s", "");
    screen_marked(screen, outcome_of(result->verdict)->style, "", verdict_title(result->verdict), "   %s%s", speed,
                  points);
    if (result->detail[0] != '\0')
        screen_wrap(screen, 2, "%s", result->detail);
    else if (result->verdict != VERDICT_PASSED)
        screen_wrap(screen, 2, "%s", verdict_sentence(result->verdict));
    free(points);
    free(speed);
}

static int put_run(const struct options *options, struct store *store, const struct store_row *row,
                   const struct result *result, struct error *err) {
    const struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    struct store_standing standing;
    if (options->quiet) {
        screen_marked(&screen, SCREEN_PLAIN, "", "", "%s: %s", result->file, verdict_title(result->verdict));
        return 0;
    }
    if (store_compare(store, row->number, &standing, err) != 0)
        return -1;
    put_head(&screen, row, result);
    put_cases(&screen, result, options->verbose);
    put_gates(&screen, result);
    put_timings(&screen, result);
    put_verdict(&screen, result);
    char *words = standing_words(&standing, result, row->person[0] != '\0' ? "their" : "your");
    keep_put_words(&screen, words);
    free(words);
    return 0;
}

static int write_json(const struct options *options, const struct result *result, struct error *err) {
    char *text = result_print(result, true);
    int status = outfile_write(options->json, text, err);
    free(text);
    return status;
}

static int show(const struct options *options, struct store *store, int64_t number, struct error *err) {
    struct store_row row;
    struct result result;
    int found = store != NULL ? store_get(store, number, &row, &result, err) : 0;
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERROR_USER,
                         "there is no run %" PRId64 " in the store; `harness log' lists those that are.", number);
    int status =
        options->json != NULL ? write_json(options, &result, err) : put_run(options, store, &row, &result, err);
    store_row_release(&row);
    result_release(&result);
    return status;
}

static int parse_number(const char *word, int64_t *number, struct error *err) {
    char *end;
    errno = 0;
    *number = strtoll(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0)
        return error_set(err, ERROR_USER, "'%s' is no number of a run; `harness log' lists them.", word);
    return 0;
}

int command_show_run(const struct options *options, const volatile int *cancel) {
    struct store *store = NULL;
    struct error error;
    int64_t number;
    (void)cancel;
    int status = parse_number(options->argument[0], &number, &error);
    if (status == 0)
        status = store_open_old(options->store, &store, &error);
    if (status == 0)
        status = show(options, store, number, &error);
    store_close(store);
    return status != 0 ? command_fail(&error) : EXIT_ACCEPTED;
}
