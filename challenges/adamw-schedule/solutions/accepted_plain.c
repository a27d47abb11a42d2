// expect: passed
// harness: adamw-schedule
// The formulas as they stand: the norm in double, then one loop over each group.
#include <math.h>

#include "adamw-schedule.h"

static double rate_of(const struct adamw_params *p) {
    const double pi = 3.14159265358979323846;
    if (p->step < p->warmup)
        return (double)p->lr_peak * (p->step + 1.0) / p->warmup;
    const int32_t span = p->decay_steps > p->warmup ? p->decay_steps - p->warmup : 1;
    const double progress = fmin(1, (double)(p->step - p->warmup) / span);
    return (double)p->lr_min + ((double)p->lr_peak - (double)p->lr_min) * (1 + cos(pi * progress)) / 2;
}

int adamw_step(const struct adamw_params *p, const int64_t *count, const float *lr_mult, const float *weight_decay,
               const float *g, float *w, float *m, float *v, float *stats) {
    double sum = 0;
    for (int64_t i = 0; i < p->n; i++)
        sum += (double)g[i] * (double)g[i];
    const double rate = rate_of(p), norm = sqrt(sum), limit = (double)p->clip;
    const float coef = (float)(norm > limit ? limit / norm : 1);
    stats[0] = (float)rate;
    stats[1] = (float)norm;
    stats[2] = coef;

    const double t = p->step + 1.0;
    const float one = (float)(1 / (1 - pow((double)p->beta1, t))), two = (float)(1 / (1 - pow((double)p->beta2, t)));
    for (int64_t k = 0, i = 0; k < p->groups; k++) {
        const float lr = (float)rate * lr_mult[k], decay = weight_decay[k];
        for (const int64_t end = i + count[k]; i < end; i++) {
            const float clipped = coef * g[i];
            m[i] = p->beta1 * m[i] + (1 - p->beta1) * clipped;
            v[i] = p->beta2 * v[i] + (1 - p->beta2) * clipped * clipped;
            const float direction = m[i] * one / (sqrtf(v[i] * two) + p->eps);
            w[i] -= lr * (direction + decay * w[i]);
        }
    }
    return 0;
}
