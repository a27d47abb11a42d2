/* SPDX-License-Identifier: MIT */
/* Order statistics of samples, and which pairs were left alone by the rest of the machine. */
#include "grader/timing_pairs.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 1000 };

/* Wall time may exceed CPU time by this and still count as undisturbed: waking up and the clocks' own grain. */
static const double clean_share = 0.01, clean_ns = 20e3;

double timing_cpu(const struct timing_side *side) {
    return (double)(side->cpu_ns - side->start_ns - side->end_ns);
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void timing_sort(double *value, size_t count) {
    qsort(value, count, sizeof *value, compare_doubles);
}

double timing_percentile_sorted(const double *sorted, size_t count, double at) {
    const double place = at * (double)(count - 1);
    const size_t low = place > 0 ? (size_t)place : 0, high = low + 1 < count ? low + 1 : count - 1;

    assert(count > 0);
    return sorted[low] + (sorted[high] - sorted[low]) * (place - (double)low);
}

double timing_percentile(const double *value, size_t count, double at) {
    double *sorted, result;

    assert(count > 0 && at >= 0 && at <= 1);
    sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return NAN;
    memcpy(sorted, value, count * sizeof *sorted);
    timing_sort(sorted, count);
    result = timing_percentile_sorted(sorted, count, at);
    free(sorted);
    return result;
}

static double idle_share(const struct timing_side *side, unsigned threads) {
    const double window = threads * (double)side->wall_ns;

    return window > 0 ? (window - timing_cpu(side)) / window : 1;
}

/* Share of the allowed CPU time that a side leaves unused when nothing disturbs it: how far from perfectly parallel it
 * is. The best tenth of its GOs tells. A single thread that computes leaves nothing unused. */
static double own_idle(const struct timing_pair *pair, size_t count, unsigned threads, bool baseline) {
    double *share, result;

    if (threads == 1)
        return 0;
    share = malloc(count * sizeof *share);
    if (!share)
        return 0;
    for (size_t i = 0; i < count; i++)
        share[i] = idle_share(baseline ? &pair[i].baseline : &pair[i].candidate, threads);
    result = timing_percentile(share, count, 0.1);
    free(share);
    return result > 0 ? result : 0;
}

static bool undisturbed(const struct timing_side *side, unsigned threads, double idle) {
    if (side->wall_ns <= 0)
        return false;
    return idle_share(side, threads) <= idle + clean_share + clean_ns / (double)side->wall_ns;
}

size_t timing_mark_clean(const struct timing_pair *pair, size_t count, unsigned threads, bool *clean) {
    double candidate, baseline;
    size_t found = 0;

    if (count == 0)
        return 0;
    candidate = own_idle(pair, count, threads, false);
    baseline = own_idle(pair, count, threads, true);
    for (size_t i = 0; i < count; i++) {
        clean[i] =
            undisturbed(&pair[i].candidate, threads, candidate) && undisturbed(&pair[i].baseline, threads, baseline);
        found += clean[i];
    }
    return found;
}

/* splitmix64: enough for resampling, and the same on every machine. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The median of one resample. Only ranks are drawn: counted, they are already in order, so nothing is sorted. */
static double resampled_median(const double *sorted, size_t count, uint64_t *state, uint32_t *drawn) {
    const size_t low = (count - 1) / 2, high = count / 2;
    size_t seen = 0, i = 0;
    double first;

    memset(drawn, 0, count * sizeof *drawn);
    for (size_t k = 0; k < count; k++)
        drawn[((next_random(state) >> 32) * count) >> 32]++;
    while (seen + drawn[i] <= low)
        seen += drawn[i++];
    first = sorted[i];
    while (seen + drawn[i] <= high)
        seen += drawn[i++];
    return (first + sorted[i]) / 2;
}

void timing_bootstrap(const double *sorted, size_t count, double *low, double *high) {
    uint64_t state = 0x74696d696e670000u + count;
    uint32_t *drawn = malloc(count * sizeof *drawn);
    double *median = malloc(RESAMPLES * sizeof *median);

    *low = *high = NAN;
    if (drawn && median) {
        for (size_t k = 0; k < RESAMPLES; k++)
            median[k] = resampled_median(sorted, count, &state, drawn);
        timing_sort(median, RESAMPLES);
        *low = timing_percentile_sorted(median, RESAMPLES, 0.025);
        *high = timing_percentile_sorted(median, RESAMPLES, 0.975);
    }
    free(drawn);
    free(median);
}
