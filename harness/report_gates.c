/* SPDX-License-Identifier: MIT */
/* The gates of a challenge, a line each. Of hidden cases it tells how many are right, and nothing else. */
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/report_part.h"

enum { NAME_COLUMNS = 24 };

/* "3/3", or "3/3, hidden 1/2"; the caller frees. */
static char *count_words(const struct grade_gate *gate) {
    const size_t shown = gate->cases - gate->hidden_cases, right = gate->passed - gate->hidden_passed;
    if (gate->hidden_cases == 0)
        return heap_format("%zu/%zu", right, shown);
    return heap_format("%zu/%zu, hidden %zu/%zu", right, shown, gate->hidden_passed, gate->hidden_cases);
}

/* "30 of 30  ", or nothing when gates earn nothing by themselves; the caller frees. */
static char *point_words(const struct grade *grade, const struct grade_gate *gate) {
    if (grade->spec == NULL || !grade->spec->partial)
        return heap_format("%s", "");
    return heap_format("%.4g of %.4g  ", gate->points, gate->max_points);
}

struct widths {
    int name, count, points;
};

static int wider(int width, const char *text) {
    return strlen(text) > (size_t)width ? (int)strlen(text) : width;
}

static struct widths measure(const struct grade *grade) {
    struct widths widths = {.name = sizeof "gate" - 1, .count = sizeof "cases" - 1};
    for (size_t k = 0; k < grade->gate_count; k++) {
        char *count = count_words(&grade->gate[k]), *points = point_words(grade, &grade->gate[k]);
        widths.name = wider(widths.name, grade->gate[k].name);
        widths.count = wider(widths.count, count);
        widths.points = wider(widths.points, points);
        free(points);
        free(count);
    }
    widths.name = widths.name > NAME_COLUMNS ? NAME_COLUMNS : widths.name;
    return widths;
}

static void put_gate(const struct screen *screen, const struct grade *grade, const struct grade_gate *gate,
                     const struct widths *widths) {
    const bool passed = grade_gate_passed(gate), open = !passed && grade->interrupted;
    char *before = heap_format("  %-*.*s  ", widths->name, widths->name, gate->name);
    char *count = count_words(gate), *points = point_words(grade, gate);
    screen_marked(screen,
                  passed ? SCREEN_GOOD
                  : open ? SCREEN_PLAIN
                         : SCREEN_BAD,
                  before,
                  passed ? "passed"
                  : open ? "-     "
                         : "FAILED",
                  "  %-*s  %*s%s", widths->count, count, widths->points, points, gate->title);
    free(points);
    free(count);
    free(before);
}

void report_gates(const struct screen *screen, const struct grade *grade) {
    if (grade->gate_count == 0 || grade->build.verdict != VERDICT_PASSED)
        return;
    const struct widths widths = measure(grade);
    screen_line(screen, "%s", "");
    screen_line(screen, "  %-*s  %-6s  %-*s  %*s", widths.name, "gate", "", widths.count, "cases", widths.points,
                widths.points > 0 ? "points  " : "");
    for (size_t k = 0; k < grade->gate_count; k++)
        put_gate(screen, grade, &grade->gate[k], &widths);
}
