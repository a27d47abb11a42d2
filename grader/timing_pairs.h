/* SPDX-License-Identifier: MIT */
/* Inside [timing]: what the estimate and the check both ask of a pair. */
#ifndef GRADER_TIMING_PAIRS_H
#define GRADER_TIMING_PAIRS_H

#include "grader/timing.h"

/* CPU time of a GO without what is known to be harmless. */
double timing_cpu(const struct timing_side *side);

/* Sets clean[i] where neither side of pair i was preempted (timing.h says how that is seen); returns how many. */
size_t timing_mark_clean(const struct timing_pair *pair, size_t count, unsigned threads, bool *clean);

/* Copies the pairs; to the candidate's times it adds what each GO did outside the clock beyond what the baseline does.
 */
void timing_charge(const struct timing_pair *pair, size_t count, unsigned threads, struct timing_pair *charged);

/* The 95 % percentile-bootstrap interval of the median of `count` >= 1 values, sorted in rising order. */
void timing_bootstrap(const double *sorted, size_t count, double *low, double *high);

/* Removes the effects of buffers, family and order from ratio[i], which belongs to *of[i]; returns how many degrees of
 * freedom that took. With too few ratios to tell effects from noise it leaves them alone and returns 0.
 * `*doubt` is the factor (1 or more) by which the result may be off to either side because two levels of buffers or
 * order lie further apart than such an effect can reach: then some GOs of one level were disturbed all alike. */
size_t timing_remove_effects(double *ratio, const struct timing_pair *const *of, size_t count, double *doubt);

/* Sorts in rising order. */
void timing_sort(double *value, size_t count);

/* Percentile (0..1) of values that are sorted already; between two of them it is interpolated. */
double timing_percentile_sorted(const double *sorted, size_t count, double at);

#endif
