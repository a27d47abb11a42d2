/* SPDX-License-Identifier: MIT */
/* The schedule is evaluated in double in both builds: a rate is one number a step, and every weight feels it. */
#include "reference/schedule.h"

double schedule_decayed(const struct schedule *schedule, double progress) {
    const double pi = 0x1.921fb54442d18p+1;
    return schedule->minimum + 0.5 * (schedule->peak - schedule->minimum) * (1 + cos(pi * progress));
}

double schedule_rate(const struct schedule *schedule, int64_t step) {
    if (step < schedule->warmup)
        return schedule->peak * (double)(step + 1) / (double)schedule->warmup;
    int64_t span = schedule->decay_steps - schedule->warmup;
    double progress = (double)(step - schedule->warmup) / (double)(span > 1 ? span : 1);
    return schedule_decayed(schedule, progress < 1 ? progress : 1);
}
