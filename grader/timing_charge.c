/* SPDX-License-Identifier: MIT */
/* Whoever hides work from the clock pays for it in the very GO that hid it.
 *
 * The rules of timing_check look at medians and counts, so that noise accuses nobody. A candidate that cheats in one
 * round or one family of inputs stays below them, and the estimate, which evens rounds and families out, would pay it
 * the root of its cheat. A charge needs no proof: of the CPU time that the clock did not see, what the baseline shows
 * as the price of waking and parking on this machine today is forgiven, and a margin; the rest counts as time. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "grader/timing_pairs.h"

static const double margin_ns = 25e3, margin_share = 0.03, idle_margin_ns = 10e3;

typedef double measure_fn(const struct timing_side *side, unsigned threads);

static double excess(const struct timing_side *side, unsigned threads) {
    return timing_cpu(side) - threads * (double)side->wall_ns;
}

static double idle(const struct timing_side *side, unsigned threads) {
    (void)threads;
    return (double)side->idle_ns;
}

static double late(const struct timing_side *side, unsigned threads) {
    (void)threads;
    return (double)side->late_ns;
}

/* What the baseline's GOs show of it, but for the worst tenth of them. */
static double honest(const struct timing_pair *pair, size_t count, unsigned threads, measure_fn *measure,
                     double *scratch) {
    for (size_t i = 0; i < count; i++)
        scratch[i] = measure(&pair[i].baseline, threads);
    timing_sort(scratch, count);
    return fmax(timing_percentile_sorted(scratch, count, 0.9), 0);
}

void timing_charge(const struct timing_pair *pair, size_t count, unsigned threads, struct timing_pair *charged) {
    double *scratch = malloc((count + 1) * sizeof *scratch);

    assert(threads > 0);
    for (size_t i = 0; i < count; i++)
        charged[i] = pair[i];
    if (scratch == NULL || count == 0) {
        free(scratch);
        return;
    }
    const double honest_excess = honest(pair, count, threads, excess, scratch);
    const double honest_idle = honest(pair, count, threads, idle, scratch);
    const double honest_late = honest(pair, count, threads, late, scratch);
    for (size_t i = 0; i < count; i++) {
        struct timing_side *side = &charged[i].candidate;
        const double window = fmax((double)side->wall_ns, timing_cpu(side) / threads);
        const double margin = fmax(margin_ns, margin_share * window);
        const double hidden = fmax(excess(side, threads) - honest_excess - threads * margin, 0) / threads;
        const double ahead = fmax(idle(side, threads) - honest_idle - idle_margin_ns, 0) / threads;
        const double behind = fmax(late(side, threads) - honest_late - margin, 0);
        side->wall_ns += (int64_t)(hidden + ahead + behind);
        side->cpu_ns += (int64_t)(ahead * threads);
    }
    free(scratch);
}
