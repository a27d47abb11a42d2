/* SPDX-License-Identifier: MIT */
/* The learning rate: a linear warm-up, then half a cosine from the peak to the minimum, then the minimum for ever.
 * Loshchilov and Hutter 2017 for the cosine. */
#ifndef REFERENCE_SCHEDULE_H
#define REFERENCE_SCHEDULE_H

#include "reference/real.h"

struct schedule {
    int64_t warmup, decay_steps; /* decay_steps counts from step 0, warm-up included */
    double peak, minimum;
};

#define schedule_rate    REAL_FN(schedule_rate)
#define schedule_decayed REAL_FN(schedule_decayed)

/* step >= 0. For step < warmup: peak*(step+1)/warmup; else the cosine at min(1, (step-warmup)/(decay_steps-warmup)). */
double schedule_rate(const struct schedule *schedule, int64_t step);

/* The cosine's part alone, at progress 0 (peak) .. 1 (minimum). Beyond 1 it rises again: callers clamp. */
double schedule_decayed(const struct schedule *schedule, double progress);

#endif
