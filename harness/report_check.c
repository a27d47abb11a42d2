/* SPDX-License-Identifier: MIT */
/* The table that an instructor reads. */
#include "harness/report_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/outcome.h"

enum { FINDINGS_SHOWN = 6, TEXT_COLUMN = 30, WHAT_INDENT = 4, REMEDY_INDENT = 6 };

static const enum screen_style style_of[PROVE_STATES] = {
    [PROVE_OK] = SCREEN_GOOD, [PROVE_NOTED] = SCREEN_WARN, [PROVE_FAILED] = SCREEN_BAD, [PROVE_SKIPPED] = SCREEN_WARN};

int report_check_exit(const struct check_item *item) {
    const struct prove_report *report = item->report;
    if (report != NULL && report->proven)
        return EXIT_ACCEPTED;
    if (report != NULL)
        return report->interrupted || report->undecided ? EXIT_OPERATOR : EXIT_CHALLENGE;
    return item->interrupted ? EXIT_OPERATOR : outcome_exit_of_error(item->error.owner);
}

static void put_findings(const struct screen *screen, const struct prove_step *step, bool all) {
    const size_t shown = all || step->finding_count <= FINDINGS_SHOWN ? step->finding_count : FINDINGS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct prove_finding *finding = &step->finding[i];
        screen_wrap(screen, WHAT_INDENT, "%s%s: %s", finding->state == PROVE_NOTED ? "note: " : "", finding->place,
                    finding->what);
        screen_wrap(screen, REMEDY_INDENT, "-> %s", finding->remedy);
    }
    if (shown < step->finding_count)
        screen_wrap(screen, WHAT_INDENT, "and %zu more; -v shows all", step->finding_count - shown);
}

static void put_step(const struct screen *screen, const struct prove_step *step, bool verbose) {
    char before[24], after[24];
    snprintf(before, sizeof before, "  %-12s ", step->name);
    if (step->state == PROVE_SKIPPED)
        snprintf(after, sizeof after, " ");
    else
        snprintf(after, sizeof after, "%*s%5.1f s ", (int)(7 - strlen(prove_state_word(step->state))), "",
                 (double)step->wall_ns / 1e9);
    screen_stage(screen, style_of[step->state], before, prove_state_word(step->state), after, TEXT_COLUMN,
                 step->summary[0] != '\0' ? step->summary : step->title);
    put_findings(screen, step, verbose);
}

/* What to write behind `// fails:`. */
static void put_gates(const struct screen *screen, const struct prove_report *report, unsigned failed) {
    struct heap_text names;
    if (failed == 0)
        return;
    heap_text_open(&names);
    for (size_t k = 0; k < report->gate_count; k++)
        if ((failed >> k & 1U) != 0)
            fprintf(names.stream, " %s", report->gate[k]);
    char *text = heap_text_take(&names, NULL);
    screen_wrap(screen, WHAT_INDENT, "fails:%s", text);
    free(text);
}

static void put_solutions(const struct screen *screen, const struct prove_report *report) {
    screen_line(screen, "%s", "");
    screen_line(screen, "  %-34s %-17s %9s %8s", "solution", "verdict", "tolerance", "speedup");
    for (size_t i = 0; i < report->solution_count; i++) {
        const struct prove_solution *row = &report->solution[i];
        char used[24] = "", ratio[24] = "";
        if (isinf(row->used))
            snprintf(used, sizeof used, "beyond");
        else if (row->used > 0 && row->used < 10)
            snprintf(used, sizeof used, "%.0f %%", 100 * row->used);
        else if (row->used > 0)
            snprintf(used, sizeof used, "%.2g x", row->used);
        if (row->ratio > 0)
            snprintf(ratio, sizeof ratio, "%.2fx", row->ratio);
        screen_line(screen, "  %-34s %-17s %9s %8s%s", row->name,
                    row->got < VERDICT_COUNT ? verdict_code(row->got) : "none", used, ratio,
                    prove_solution_kept(row) ? "" : " !");
        put_gates(screen, report, row->failed_gates);
    }
}

static size_t count_problems(const struct prove_report *report) {
    size_t problems = 0;
    for (size_t id = 0; id < PROVE_STEPS; id++)
        for (size_t i = 0; i < report->step[id].finding_count; i++)
            problems += report->step[id].finding[i].state == PROVE_FAILED;
    return problems;
}

static void put_end(const struct screen *screen, const struct check_item *item) {
    const struct prove_report *report = item->report;
    if (report->proven) {
        screen_marked(screen, SCREEN_GOOD, "", "PROVEN", "   %s %s in %.0f s", report->id, report->version,
                      (double)report->wall_ns / 1e9);
        return;
    }
    if (report->interrupted) {
        screen_marked(screen, SCREEN_WARN, "", "INTERRUPTED", "   %s", item->directory);
        return;
    }
    const size_t problems = count_problems(report);
    if (report->undecided) {
        screen_marked(screen, SCREEN_WARN, "", "NOT PROVEN",
                      "   %s: the machine was too noisy to time %zu solution%s   exit 4", report->id, problems,
                      problems == 1 ? "" : "s");
        return;
    }
    screen_marked(screen, SCREEN_BAD, "", "CHALLENGE BROKEN", "   %s: %zu problem%s   exit 3",
                  report->id != NULL ? report->id : item->directory, problems, problems == 1 ? "" : "s");
}

void report_check_text(const struct screen *screen, bool quiet, bool verbose, const struct check_item *item) {
    const struct prove_report *report = item->report;
    if (report == NULL) {
        screen_wrap(screen, 0, "%s: %s", item->directory,
                    item->interrupted ? "not begun: interrupted" : item->error.text);
        return;
    }
    if (!quiet) {
        screen_line(screen, "%s: challenge %s %s", item->directory, report->id != NULL ? report->id : "?",
                    report->version != NULL ? report->version : "");
        screen_line(screen, "%s", "");
        for (size_t id = 0; id < PROVE_STEPS; id++)
            put_step(screen, &report->step[id], verbose);
        if (verbose && report->solution_count > 0)
            put_solutions(screen, report);
        screen_line(screen, "%s", "");
    }
    put_end(screen, item);
}

void report_check_summary(const struct screen *screen, const struct check_item *item, size_t count) {
    size_t proven = 0;
    for (size_t i = 0; i < count; i++)
        proven += item[i].report != NULL && item[i].report->proven;
    screen_line(screen, "%zu of %zu challenges proven", proven, count);
}
