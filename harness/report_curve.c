/* SPDX-License-Identifier: MIT */
/* The curve that tells most: of the first public case that failed, else the longest. */
#include <stdlib.h>

#include "harness/heap.h"
#include "harness/plot.h"
#include "harness/report_part.h"

struct choice {
    const struct grade_case *c;
    const struct grade_curve *curve;
};

static bool can_be_drawn(const struct grade_case *c) {
    return !c->hidden && c->curve_count > 0 && c->verdict != VERDICT_SKIPPED;
}

/* Of a failed case the first curve that is wrong, or the first if none is. */
static const struct grade_curve *curve_of_failed(const struct grade_case *c) {
    for (size_t k = 0; k < c->curve_count; k++)
        if (!c->curve[k].passed)
            return &c->curve[k];
    return &c->curve[0];
}

static struct choice choose(const struct grade *grade) {
    struct choice longest = {NULL, NULL};
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        if (!can_be_drawn(c))
            continue;
        if (c->verdict != VERDICT_PASSED)
            return (struct choice){c, curve_of_failed(c)};
        for (size_t k = 0; k < c->curve_count; k++)
            if (longest.curve == NULL || c->curve[k].count > longest.curve->count)
                longest = (struct choice){c, &c->curve[k]};
    }
    return longest;
}

void report_curve(const struct screen *screen, const struct grade *grade) {
    const struct choice choice = choose(grade);
    const struct grade_curve *curve = choice.curve;
    if (curve == NULL || curve->count == 0)
        return;
    const bool parts = curve->first_divergence >= 0 && (size_t)curve->first_divergence < curve->count;
    const struct plot_curves curves = {.count = curve->count,
                                       .got = curve->got,
                                       .expected = curve->expected,
                                       .first = parts ? curve->first_divergence : -1,
                                       .tolerance = curve->tolerance};
    screen_line(screen, "%s", "");
    screen_line(screen, "  %s of case %s, %zu step%s", curve->output, choice.c->name, curve->count,
                curve->count == 1 ? "" : "s");
    plot_curves(screen, &curves);
    if (!parts && !curve->passed)
        screen_wrap(screen, 2, "no step is out of tolerance by itself, but the curve as a whole is");
}
