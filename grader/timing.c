/* SPDX-License-Identifier: MIT */
/* From pairs to a ratio: which pairs count, which clock carries them, the median and its interval. */
#include "grader/timing.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "grader/timing_pairs.h"

enum { ENOUGH_PAIRS = 15, LEAST_PAIRS = 7 };

/* On the log scale between zero and full marks this much of one case is a few points of its share; beyond it two runs
 * of the same code could differ visibly. Bandwidth-bound cases on a shared machine reach 5 % only on lucky days. */
static const double usable_width = 0.08;

/* By CPU time, which waiting cannot change, the clean pairs may flatter the candidate by this factor against all pairs.
 * More, and it chose by waiting which pairs are dropped. */
static const double selection_factor = 1.05, threads_selection_factor = 1.1;

/* With the CPU clock a candidate may wait twice the share of time that the baseline waits in the same pairs, plus this
 * (both are shares of its CPU time). */
static const double wait_factor = 2, wait_extra = 0.05;

/* The pairs that have usable clocks at all, with room for what is computed from them. */
struct sample {
    const struct timing_pair *pair;
    size_t count;
    unsigned threads;
    bool *clean, *all;
    const bool *used; /* one of the two */
    double *value;
};

static double clock_ns(const struct timing_side *side, enum timing_clock clock) {
    return clock == TIMING_WALL ? (double)side->wall_ns : timing_cpu(side);
}

static double pair_ratio(const struct timing_pair *pair, enum timing_clock clock) {
    return clock_ns(&pair->baseline, clock) / clock_ns(&pair->candidate, clock);
}

static bool readable(const struct timing_pair *pair, enum timing_clock clock) {
    return clock_ns(&pair->candidate, clock) > 0 && clock_ns(&pair->baseline, clock) > 0;
}

/* Median of wall over CPU time of one side: 1 when it never waited. */
static double median_stretch(const struct sample *sample, bool baseline) {
    size_t n = 0;

    for (size_t i = 0; i < sample->count; i++) {
        const struct timing_side *side = baseline ? &sample->pair[i].baseline : &sample->pair[i].candidate;
        if (sample->used[i] && readable(&sample->pair[i], TIMING_CPU))
            sample->value[n++] = (double)side->wall_ns / timing_cpu(side);
    }
    timing_sort(sample->value, n);
    return n > 0 ? timing_percentile_sorted(sample->value, n, 0.5) : NAN;
}

static bool waits_by_itself(const struct sample *sample) {
    const double baseline = fmax(median_stretch(sample, true), 1), candidate = median_stretch(sample, false);

    return !(candidate <= 1 + wait_factor * (baseline - 1) + wait_extra);
}

/* What removing effects does to an interval. */
struct levelling {
    double widen; /* the rest looks quieter than it is: half-widths grow by this factor */
    double doubt; /* both ends move out by this factor: an effect was too large to be one */
};

/* The ratios of the used pairs, less the effects of buffers, family and order, sorted into sample->value. */
static size_t collect_levelled(const struct sample *sample, enum timing_clock clock, struct levelling *levelling) {
    const struct timing_pair **of = calloc(sample->count, sizeof *of);
    size_t n = 0;

    *levelling = (struct levelling){.widen = 1, .doubt = 1};
    if (of == NULL)
        return 0;
    for (size_t i = 0; i < sample->count; i++)
        if (sample->used[i] && readable(&sample->pair[i], clock)) {
            of[n] = &sample->pair[i];
            sample->value[n++] = pair_ratio(&sample->pair[i], clock);
        }
    const size_t taken = timing_remove_effects(sample->value, of, n, &levelling->doubt);
    if (taken > 0)
        levelling->widen = sqrt((double)n / (double)(n - taken));
    timing_sort(sample->value, n);
    free(of);
    return n;
}

/* A family whose pairs were all dropped is missing in the average, and that is what this is to show. */
static double levelled_cpu_ratio(struct sample *sample, const bool *used) {
    struct levelling levelling;

    sample->used = used;
    const size_t n = collect_levelled(sample, TIMING_CPU, &levelling);
    return n > 0 ? timing_percentile_sorted(sample->value, n, 0.5) : NAN;
}

/* Points sample->used at the pairs that count and returns the clock. *trusted is false if no clock can be believed. */
static enum timing_clock choose(struct sample *sample, bool *trusted) {
    const size_t count = sample->count;
    const size_t clean = timing_mark_clean(sample->pair, count, sample->threads, sample->clean);
    const bool enough =
        (clean >= ENOUGH_PAIRS && 4 * clean >= count) || (clean >= LEAST_PAIRS && 2 * clean >= count) || clean == count;
    const double factor = sample->threads == 1 ? selection_factor : threads_selection_factor;
    bool flattered;

    for (size_t i = 0; i < count; i++)
        sample->all[i] = readable(&sample->pair[i], TIMING_WALL);
    flattered =
        clean < count && levelled_cpu_ratio(sample, sample->clean) > factor * levelled_cpu_ratio(sample, sample->all);
    *trusted = sample->threads == 1 || (enough && !flattered);
    sample->used = enough && !flattered ? sample->clean : sample->all;
    if (sample->used == sample->clean || sample->threads > 1)
        return TIMING_WALL;
    return waits_by_itself(sample) ? TIMING_WALL : TIMING_CPU;
}

/* Median of one call, and half the central half of the samples over the median. */
static double side_median(const struct sample *sample, enum timing_clock clock, bool baseline, unsigned calls,
                          double *spread) {
    size_t n = 0;
    double median;

    for (size_t i = 0; i < sample->count; i++) {
        const struct timing_side *side = baseline ? &sample->pair[i].baseline : &sample->pair[i].candidate;
        if (sample->used[i] && readable(&sample->pair[i], clock))
            sample->value[n++] = clock_ns(side, clock) / calls;
    }
    timing_sort(sample->value, n);
    median = timing_percentile_sorted(sample->value, n, 0.5);
    *spread = (timing_percentile_sorted(sample->value, n, 0.75) - timing_percentile_sorted(sample->value, n, 0.25)) /
              2 / median;
    return median;
}

static void summarise(struct sample *sample, unsigned calls, double target, struct timing_estimate *estimate) {
    bool trusted;
    double half;
    struct levelling levelling;

    estimate->clock = choose(sample, &trusted);
    estimate->clean = collect_levelled(sample, estimate->clock, &levelling);
    if (estimate->clean == 0)
        return;
    estimate->ratio = timing_percentile_sorted(sample->value, estimate->clean, 0.5);
    timing_bootstrap(sample->value, estimate->clean, &estimate->low, &estimate->high);
    estimate->low = (estimate->ratio - (estimate->ratio - estimate->low) * levelling.widen) / levelling.doubt;
    estimate->high = (estimate->ratio + (estimate->high - estimate->ratio) * levelling.widen) * levelling.doubt;
    half = (estimate->high - estimate->low) / 2;
    estimate->enough = trusted && estimate->clean >= ENOUGH_PAIRS && half <= target * estimate->ratio;
    estimate->usable = trusted && estimate->clean >= LEAST_PAIRS && half <= usable_width * estimate->ratio;
    estimate->candidate_ns = side_median(sample, estimate->clock, false, calls, &estimate->candidate_spread);
    estimate->baseline_ns = side_median(sample, estimate->clock, true, calls, &estimate->baseline_spread);
}

void timing_estimate(const struct timing_pair *pair, size_t count, unsigned calls, unsigned threads, double target,
                     struct timing_estimate *estimate) {
    struct sample sample = {.count = count, .threads = threads};
    struct timing_pair *charged;

    assert(calls > 0 && threads > 0);
    *estimate = (struct timing_estimate){.pairs = count};
    if (count == 0)
        return;
    sample.pair = charged = calloc(count, sizeof *charged);
    sample.clean = calloc(count, sizeof *sample.clean);
    sample.all = calloc(count, sizeof *sample.all);
    sample.value = calloc(count, sizeof *sample.value);
    if (charged && sample.clean && sample.all && sample.value) {
        timing_charge(pair, count, threads, charged);
        summarise(&sample, calls, target, estimate);
    }
    free(charged);
    free(sample.clean);
    free(sample.all);
    free(sample.value);
}
