/* SPDX-License-Identifier: MIT */
/* The table of timed cases and what follows from it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/report_part.h"
#include "harness/view.h"

enum { NAME_COLUMNS = 13 };

bool report_speed_ran(const struct grade *grade) {
    for (size_t i = 0; i < grade->timing_count; i++)
        if (grade->timing[i].verdict != VERDICT_SKIPPED)
            return true;
    return false;
}

/* "20.5 GF/s" or "8.1 GB/s": the unit of the nearer roof. */
static void format_rate(char text[FORMAT_SIZE], const struct grade_timing *t) {
    double rate = t->bound_by_memory || !(t->gflops > 0) ? t->gbps : t->gflops;
    const char *unit = rate == t->gflops && t->gflops > 0 && !t->bound_by_memory ? "GF/s" : "GB/s";
    if (!(rate > 0) || !isfinite(rate))
        snprintf(text, FORMAT_SIZE, "-");
    else
        snprintf(text, FORMAT_SIZE, "%.3g %s", rate, unit);
}

/* "1.31x [1.29, 1.33]"; the caller frees. */
static char *format_interval(const struct timing_estimate *e) {
    char ratio[FORMAT_SIZE], low[FORMAT_SIZE], high[FORMAT_SIZE];
    format_ratio(low, e->low);
    format_ratio(high, e->high);
    low[strcspn(low, "x")] = high[strcspn(high, "x")] = '\0'; /* one x is enough */
    return heap_format("%s [%s, %s]", format_ratio(ratio, e->ratio), low, high);
}

static void put_row(const struct screen *screen, const struct grade *grade, size_t i) {
    const struct grade_timing *t = &grade->timing[i];
    const struct timing_estimate *e = &t->estimate;
    char mine[FORMAT_SIZE], spread[FORMAT_SIZE], base[FORMAT_SIZE], rate[FORMAT_SIZE];
    char share[FORMAT_SIZE] = "-";
    char *name = view_timing_name(grade, i);
    if (e->clean == 0 || !(e->ratio > 0)) {
        screen_line(screen, "  %-*s %s", NAME_COLUMNS, name, verdict_title(t->verdict));
        free(name);
        return;
    }
    char *speedup = format_interval(e);
    if (view_hidden_timing(grade, i) > 0) {
        screen_line(screen, "  %-*s %-16s %-9s %s", NAME_COLUMNS, name, "", "", speedup);
        free(speedup);
        free(name);
        return;
    }
    format_rate(rate, t);
    if (t->of_roof > 0)
        format_share(share, t->of_roof);
    char *yours =
        heap_format("%s +-%s", format_duration(mine, e->candidate_ns), format_share(spread, e->candidate_spread));
    screen_line(screen, "  %-*.*s %-16s %-9s %-21s %-9s %5s", NAME_COLUMNS, NAME_COLUMNS, name, yours,
                format_duration(base, e->baseline_ns), speedup, rate, share);
    free(speedup);
    free(yours);
    free(name);
}

static void put_notes(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    bool cpu = false;
    for (size_t i = 0; i < grade->timing_count; i++) {
        cpu = cpu || (grade->timing[i].estimate.clean > 0 && grade->timing[i].estimate.clock == TIMING_CPU);
        if (look->verbose && view_hidden_timing(grade, i) == 0)
            screen_wrap(screen, 2, "%s: %s, %zu pairs, %zu of them clean",
                        grade->timing[i].name != NULL ? grade->timing[i].name : "?", grade->timing[i].sizes,
                        grade->timing[i].estimate.pairs, grade->timing[i].estimate.clean);
    }
    if (cpu)
        screen_wrap(screen, 2,
                    "The machine was busy, so processor time and not the clock on the wall gave the ratios.");
}

void report_speed_table(const struct screen *screen, const struct report_look *look, const struct grade *grade) {
    if (!report_speed_ran(grade))
        return;
    screen_line(screen, "%s", "");
    screen_line(screen, "  %-*s %-16s %-9s %-21s %-9s %5s", NAME_COLUMNS, "case", "yours", "reference",
                "speedup [95 %]", "rate", "roof");
    for (size_t i = 0; i < grade->timing_count; i++)
        put_row(screen, grade, i);
    put_notes(screen, look, grade);
}

/* The timed case with the smallest ratio, or SIZE_MAX. */
static size_t slowest(const struct grade *grade) {
    size_t slow = SIZE_MAX;
    for (size_t i = 0; i < grade->timing_count; i++)
        if (grade->timing[i].estimate.ratio > 0 &&
            (slow == SIZE_MAX || grade->timing[i].estimate.ratio < grade->timing[slow].estimate.ratio))
            slow = i;
    return slow;
}

void report_speed_advice(const struct screen *screen, const struct grade *grade) {
    size_t i = slowest(grade);
    if (i == SIZE_MAX)
        return;
    const struct grade_timing *t = &grade->timing[i];
    char ratio[FORMAT_SIZE], share[FORMAT_SIZE];
    char *name = view_timing_name(grade, i);
    const char *roof = t->bound_by_memory ? "memory bandwidth" : "arithmetic";
    if (!(t->of_roof > 0) || view_hidden_timing(grade, i) > 0)
        screen_wrap(screen, 2, "slowest in %s: %s the reference", name, format_ratio(ratio, t->estimate.ratio));
    else if (t->of_roof < 0.3 && t->verdict == VERDICT_TOO_SLOW)
        screen_wrap(screen, 2,
                    "slowest in %s: %s the reference. It reaches %s of what this machine can do in %s, so it is far "
                    "under both roofs: neither memory nor arithmetic is the limit, but how the work is arranged.",
                    name, format_ratio(ratio, t->estimate.ratio), format_share(share, t->of_roof), roof);
    else
        screen_wrap(screen, 2, "slowest in %s: %s the reference, at %s of what this machine can do in %s", name,
                    format_ratio(ratio, t->estimate.ratio), format_share(share, t->of_roof), roof);
    free(name);
}
