/* SPDX-License-Identifier: MIT */
/* The table between the first line and the verdict: sandbox, build, correct, speed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/report_part.h"
#include "harness/view.h"

enum { STAGE_INDENT = 27 };

/* Takes ownership of `text`. A time below zero is left out. */
static void stage(const struct screen *screen, enum screen_style style, const char *name, const char *word,
                  int64_t wall_ns, char *text) {
    char seconds[FORMAT_SIZE] = "";
    if (wall_ns >= 0)
        format_seconds(seconds, wall_ns);
    char *before = heap_format("  %-9s", name);
    char *after = heap_format("%*s", (int)(13 - (strlen(word) < 12 ? strlen(word) : 12)), seconds);
    screen_stage(screen, style, before, word, after, STAGE_INDENT, text);
    free(after);
    free(before);
    free(text);
}

static void stage_sandbox(const struct screen *screen, const struct grade *grade) {
    char word[] = "level ?";
    word[6] = (char)('A' + (int)grade->level);
    char *text = grade->sandbox_missing[0] == '\0' ? heap_format("every layer: %s", grade->sandbox_active)
                                                   : heap_format("without %s", grade->sandbox_missing);
    stage(screen, SCREEN_PLAIN, "sandbox", word, -1, text);
}

static char *plural(size_t count, const char *thing) {
    return heap_format("%zu %s%s", count, thing, count == 1 ? "" : "s");
}

static void stage_build(const struct screen *screen, const struct grade *grade) {
    const struct build_report *build = &grade->build;
    bool ok = build->verdict == VERDICT_PASSED;
    char *warnings = plural(build->diagnostics.warning_count, "warning"),
         *errors = plural(build->diagnostics.error_count, "error");
    char *text;
    if (ok)
        text = heap_format("%s %s, %s", build->compiler, build->flags,
                           build->diagnostics.warning_count > 0 ? warnings : "no warnings");
    else if (build->verdict == VERDICT_COMPILE_ERROR)
        text = heap_format("%s: %s, %s", build->compiler, errors, warnings);
    else
        text = heap_format("%s", verdict_sentence(build->verdict));
    stage(screen, ok ? SCREEN_PLAIN : SCREEN_BAD, "build", ok ? "ok" : "FAILED", build->wall_ns, text);
    free(warnings);
    free(errors);
}

/* "3 failed: odd_tail, long_rows, ..." of the public cases. */
static void put_failed(FILE *out, const struct grade *grade, size_t failed) {
    enum { NAMES = 4 };
    size_t shown = 0;
    fprintf(out, "%zu failed: ", failed);
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        if (c->hidden || c->verdict == VERDICT_PASSED || c->verdict == VERDICT_SKIPPED)
            continue;
        if (shown++ == NAMES) {
            fputs(", ...", out);
            break;
        }
        fprintf(out, "%s%s", shown > 1 ? ", " : "", c->name != NULL ? c->name : "?");
    }
}

static char *correct_text(const struct grade *grade, const struct view_count *count) {
    size_t skipped_public = 0, index;
    for (size_t i = 0; i < grade->case_count; i++)
        skipped_public += !grade->cases[i].hidden && grade->cases[i].verdict == VERDICT_SKIPPED;
    size_t failed = count->public_total - count->public_passed - skipped_public;
    struct heap_text into;
    char share[FORMAT_SIZE];
    heap_text_open(&into);
    if (failed > 0) {
        put_failed(into.stream, grade, failed);
    } else {
        double most = view_most_used(grade, &index);
        if (index != SIZE_MAX)
            fprintf(into.stream, "worst element at %s of tolerance", format_share(share, most));
        else
            fputs("none passed", into.stream);
    }
    if (count->hidden_total > 0)
        fprintf(into.stream, "; hidden %zu/%zu", count->hidden_passed, count->hidden_total);
    if (count->not_run > 0)
        fprintf(into.stream, "; %zu not run", count->not_run);
    return heap_text_take(&into, NULL);
}

static void stage_correct(const struct screen *screen, const struct grade *grade) {
    struct view_count count;
    view_count_cases(grade, &count);
    if (grade->build.verdict != VERDICT_PASSED) {
        stage(screen, SCREEN_PLAIN, "correct", "-", -1, heap_format("skipped: it must compile first"));
        return;
    }
    bool all = count.public_passed == count.public_total && count.hidden_passed == count.hidden_total;
    char *word = count.public_total > 0 ? heap_format("%zu/%zu", count.public_passed, count.public_total)
                                        : heap_format("%s", count.hidden_total > 0 ? "hidden" : "-");
    stage(screen, all ? SCREEN_PLAIN : SCREEN_BAD, "correct", word, grade->stage_ns[GRADE_CORRECT],
          correct_text(grade, &count));
    free(word);
}

/* How many pairs carried the result, and the widest spread. */
static char *speed_text(const struct grade *grade) {
    size_t least = SIZE_MAX, most = 0;
    double spread = 0;
    for (size_t i = 0; i < grade->timing_count; i++) {
        const struct timing_estimate *e = &grade->timing[i].estimate;
        if (grade->timing[i].verdict == VERDICT_SKIPPED || e->clean == 0)
            continue;
        least = e->clean < least ? e->clean : least;
        most = e->clean > most ? e->clean : most;
        spread = e->candidate_spread > spread ? e->candidate_spread : spread;
    }
    char share[FORMAT_SIZE];
    if (most == 0)
        return heap_format("no usable sample");
    if (least == most)
        return heap_format("%zu pairs a case, spread %s", most, format_share(share, spread));
    return heap_format("%zu to %zu pairs a case, spread %s", least, most, format_share(share, spread));
}

static void stage_speed(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    if (!report_speed_ran(grade)) {
        const char *why = grade->build.verdict != VERDICT_PASSED ? "skipped"
                          : !look->timing                        ? "not measured, as asked"
                          : grade->interrupted                   ? "not reached"
                          : grade->verdict == VERDICT_PASSED     ? "not measured"
                                                                 : "skipped: it must be correct first";
        stage(screen, SCREEN_PLAIN, "speed", "-", -1, heap_format("%s", why));
        return;
    }
    int64_t wall_ns = grade->stage_ns[GRADE_SPEED];
    size_t index;
    if (grade->verdict == VERDICT_PASSED)
        stage(screen, SCREEN_PLAIN, "speed", "ok", wall_ns, speed_text(grade));
    else if (grade->verdict == VERDICT_TOO_SLOW && grade->ratio > 0) {
        char ratio[FORMAT_SIZE], needed[FORMAT_SIZE];
        double zero = grade->timing_count > 0 ? grade->timing[0].ratio_needed : 0;
        stage(
            screen, SCREEN_BAD, "speed", "SLOW", wall_ns,
            heap_format("%s the reference, %s needed", format_ratio(ratio, grade->ratio), format_ratio(needed, zero)));
    } else if (grade->verdict == VERDICT_UNSTABLE)
        stage(screen, SCREEN_WARN, "speed", "NOISY", wall_ns, speed_text(grade));
    else if (view_deciding(grade, &index) == VIEW_TIMING) {
        char *name = view_timing_name(grade, index);
        stage(screen, SCREEN_BAD, "speed", "FAILED", wall_ns, heap_format("in the timed case %s", name));
        free(name);
    } else
        stage(screen, SCREEN_PLAIN, "speed", "done", wall_ns, speed_text(grade));
}

void report_stages(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    stage_sandbox(screen, grade);
    stage_build(screen, grade);
    stage_correct(screen, grade);
    stage_speed(screen, look, grade);
}
