/* SPDX-License-Identifier: MIT */
/* Additive fit of the log ratios by medians, one factor after the other. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "grader/timing_pairs.h"

typedef unsigned level_fn(const struct timing_pair *pair);

static unsigned family_of(const struct timing_pair *pair) {
    assert(pair->family < TIMING_FAMILIES_MAX);
    return pair->family;
}

static unsigned order_of(const struct timing_pair *pair) {
    return pair->baseline_first;
}

static unsigned buffers_of(const struct timing_pair *pair) {
    return pair->swapped;
}

struct level {
    size_t count;
    double median;
};

static size_t measure_levels(const double *value, const struct timing_pair *const *of, size_t count, level_fn *level_of,
                             double *scratch, struct level level[TIMING_FAMILIES_MAX]) {
    size_t present = 0;

    for (unsigned l = 0; l < TIMING_FAMILIES_MAX; l++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (level_of(of[i]) == l)
                scratch[n++] = value[i];
        timing_sort(scratch, n);
        level[l] = (struct level){.count = n, .median = n > 0 ? timing_percentile_sorted(scratch, n, 0.5) : 0};
        present += n > 0;
    }
    return present;
}

/* Every level keeps its noise and gets the average of the levels' medians: all families weigh the same. */
static void level_out(double *value, const struct timing_pair *const *of, size_t count, level_fn *level_of,
                      const struct level level[TIMING_FAMILIES_MAX], size_t present) {
    double mean = 0;

    for (unsigned l = 0; l < TIMING_FAMILIES_MAX; l++)
        mean += level[l].count > 0 ? level[l].median / (double)present : 0;
    for (size_t i = 0; i < count; i++)
        value[i] += mean - level[level_of(of[i])].median;
}

/* A slower buffer or a warmer cache is worth some tens of percent. Levels of these two further apart than this differ
 * by something else: by a whole round in which one side was starved, say. Families of inputs may really differ. */
static const double believable_effect = 1.5;

/* How far, as a logarithm, the mean of the levels is from the outer ones, if that is more than such an effect. */
static double unbelievable(const struct level level[TIMING_FAMILIES_MAX]) {
    double least = INFINITY, most = -INFINITY;

    for (unsigned l = 0; l < TIMING_FAMILIES_MAX; l++)
        if (level[l].count > 0) {
            least = fmin(least, level[l].median);
            most = fmax(most, level[l].median);
        }
    return most - least > log(believable_effect) ? (most - least) / 2 : 0;
}

size_t timing_remove_effects(double *ratio, const struct timing_pair *const *of, size_t count, double *doubt) {
    static level_fn *const factor[] = {buffers_of, family_of, order_of};
    struct level level[TIMING_FAMILIES_MAX];
    double *scratch = malloc((count + 1) * sizeof *scratch);
    size_t taken = 0;

    *doubt = 1;
    if (scratch == NULL)
        return 0;
    for (size_t i = 0; i < count; i++)
        ratio[i] = log(ratio[i]);
    for (size_t f = 0; f < sizeof factor / sizeof *factor; f++) {
        const size_t present = measure_levels(ratio, of, count, factor[f], scratch, level);
        if (present < 2 || count < 2 * (taken + present))
            continue;
        level_out(ratio, of, count, factor[f], level, present);
        if (factor[f] != family_of)
            *doubt *= exp(unbelievable(level));
        taken += present - 1;
    }
    for (size_t i = 0; i < count; i++)
        ratio[i] = exp(ratio[i]);
    free(scratch);
    return taken;
}
