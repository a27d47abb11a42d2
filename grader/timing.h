/* SPDX-License-Identifier: MIT */
/* [timing]: from paired samples to a ratio with an interval, and from CPU accounts to trust. Pure functions.
 *
 * A pair is one GO of the candidate and one of the baseline on the same cores and contents, one right after the other
 * (A B B A ...). ratio = baseline time / candidate time, so 2.0 is twice as fast as the baseline. Contents of different
 * speed must be spread over the calls of each GO, or be estimated apart: the median of two populations is neither.
 *
 * The model. A GO of `threads` threads has threads*wall of CPU time at most; being preempted makes wall longer and
 * leaves CPU time alone. So a pair is *clean* when on both sides threads*wall exceeds cpu by no more than 1 % and 20 us
 * a thread; with several threads a kernel's own idle share (the best tenth of its GOs) is allowed on top.
 *   1. The ratio is the median over the clean pairs by wall time, if there are 15 that are a quarter of all
 *      pairs, or 7 that are half of them, or if all are clean.
 *   2. With fewer, one thread: the median over all pairs by CPU time, which preemption does not touch.
 *   3. Nobody gains by waiting. A candidate that waits in chosen GOs would have those dropped: if by CPU time, effects
 *      removed, the clean pairs are kinder to it than all pairs by over 5 %, rule 2 applies (with several threads: by
 *      over 10 %, not usable). And where rule 2 applies, a candidate whose median wall/cpu exceeds 1.05 + 2*(the
 *      baseline's - 1) waits by itself, and all pairs count by wall time.
 *   4. With fewer clean pairs and several threads there is no honest clock: not usable.
 *   5. Nobody gains by working where the clock does not run: CPU time outside [GO, DONE] of a GO, beyond what the
 *      baseline needs (its 90th percentile) and max(25 us, 3 %), is added to that GO's time before all this. So is the
 *      time from DONE until all threads slept.
 * The interval is a percentile bootstrap of the median (1000 resamples, generator seeded by the number of pairs: the
 * same pairs give the same interval). Sources: Efron and Tibshirani, An Introduction to the Bootstrap, ch. 13. */
#ifndef GRADER_TIMING_H
#define GRADER_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/verdict.h"

/* One GO of one side. Times cover all its calls. */
struct timing_side {
    int64_t wall_ns;          /* GO to DONE on the grader's clock, bias of the clock subtracted */
    int64_t cpu_ns;           /* process CPU time between the two parked states around it */
    int64_t idle_ns;          /* CPU time that grew while the worker had to be parked before this GO */
    int64_t before_ns;        /* wall time from ARM to GO: awake, inputs visible, clock not running */
    int64_t late_ns;          /* wall time from DONE until all threads slept; 0 with one thread, whose CPU time tells */
    int64_t start_ns, end_ns; /* CPU time spent outside [GO, DONE] that is known to be harmless: 0 unless measured */
};

enum { TIMING_FAMILIES_MAX = 16 };

/* The logarithm of a pair's ratio is modelled as level + effects + noise. Inputs of one family may suit one side
 * better; whoever runs second finds warmer caches; one of the two output buffers may lie in slower memory. The effects
 * are estimated by medians and removed, so that the interval shows the noise and the level is the plain average over
 * all families, both orders and both ways round. */
struct timing_pair {
    struct timing_side candidate, baseline;
    unsigned family;     /* of the contents, < TIMING_FAMILIES_MAX */
    bool baseline_first; /* the order of the two */
    bool swapped;        /* the two had changed their output buffers */
};

enum timing_clock { TIMING_WALL, TIMING_CPU };

struct timing_estimate {
    double ratio, low, high;                  /* median of the paired ratios and its 95 % bootstrap interval */
    double candidate_ns, baseline_ns;         /* medians, of one call */
    double candidate_spread, baseline_spread; /* half the central 50 % range over the median */
    size_t pairs, clean;                      /* taken; used: those that carry the ratio */
    enum timing_clock clock;                  /* what carried the ratio */
    bool enough; /* half the interval is at most target*ratio, from 15 pairs or more: stop */
    bool usable; /* at most 8 % of the ratio, from 7 or more; false: too noisy to say (unstable) */
};

/* calls: kernel calls in each GO. threads: allowed on each side. target: wanted relative half-width (0.02). All zero
 * for count 0. Cheap enough to ask after every pair. */
void timing_estimate(const struct timing_pair *pair, size_t count, unsigned calls, unsigned threads, double target,
                     struct timing_estimate *estimate);

struct timing_account {
    enum verdict verdict; /* PASSED or TAMPERED */
    char sentence[200];
    double excess_ns, baseline_excess_ns; /* medians of cpu - threads*wall of a clean GO; 0 if none */
};

/* The CPU-time rules of the threat model. The thresholds come from the baseline, which runs in an identical worker on
 * the same sizes: what waking up, parking, migrations and a grader that is late with GO cost, they cost both sides.
 *   parked   idle_ns > 10 us in more than 5 % of the GOs, and clearly more often than the baseline
 *   cores    median excess above the baseline's by more than a quarter of threads*wall
 *   hidden   median excess above the baseline's by more than threads*max(15 us, 3 % of wall); or in more than 5 % of
 *            the GOs, and clearly more often than the baseline, by more than threads*max(25 us, 3 % of wall)
 *   behind   several threads: median late_ns above the baseline's by more than max(100 us, 10 % of wall)
 * where excess = cpu - threads*wall over the clean pairs, "the baseline's" is its 90th percentile and at least 0 (a
 * little preemption or waiting hides in its median), and "clearly" is 3.5 standard deviations of a sign test. What is
 * said of medians of excess, and idle times in more than half of the GOs, must pass such a test with 2.5. Fewer than 7
 * pairs are not judged: they make no score. With fewer than 7 clean ones, or less than a quarter of all, only the first
 * rule applies: then CPU time carries the ratio, and it contains whatever was hidden from the clock. */
void timing_check(const struct timing_pair *pair, size_t count, unsigned threads, struct timing_account *account);

/* Median and percentile (0..1) of `count` values; sorts a copy. count >= 1. */
double timing_percentile(const double *value, size_t count, double at);

#endif
