// expect: passed
// harness: adamw-schedule
// Every number in double, rounded when it is stored.
#include <math.h>

#include "adamw-schedule.h"

enum { LANES = 16 };

int adamw_step(const struct adamw_params *p, const int64_t *count, const float *lr_mult, const float *weight_decay,
               const float *g, float *w, float *m, float *v, float *stats) {
    const double b1 = (double)p->beta1, b2 = (double)p->beta2, peak = (double)p->lr_peak, low = (double)p->lr_min;
    double lr = peak, sum = 0, part[LANES] = {0};
    if (p->step < p->warmup) {
        lr = peak * ((double)p->step + 1) / (double)p->warmup;
    } else if (p->step > p->warmup) {
        double progress = 1;
        if (p->step < p->decay_steps)
            progress = (double)(p->step - p->warmup) / (double)(p->decay_steps - p->warmup);
        lr = low + (peak - low) * 0.5 * (1 + cos(acos(-1) * progress));
    }
    for (int64_t i = 0; i < p->n; i++)
        part[i % LANES] += (double)g[i] * (double)g[i];
    for (int l = 0; l < LANES; l++)
        sum += part[l];
    const double norm = sqrt(sum), coef = fmin(1, norm > 0 ? (double)p->clip / norm : 1);
    const double c1 = 1 / (1 - pow(b1, p->step + 1.0)), c2 = 1 / (1 - pow(b2, p->step + 1.0));
    for (int64_t k = 0, i = 0; k < p->groups; k++) {
        const double rate = lr * (double)lr_mult[k], decay = (double)weight_decay[k], eps = (double)p->eps;
        for (const int64_t end = i + count[k]; i < end; i++) {
            const double d = coef * (double)g[i];
            const double mean = b1 * (double)m[i] + (1 - b1) * d, square = b2 * (double)v[i] + (1 - b2) * d * d;
            const double direction = mean * c1 / (sqrt(square * c2) + eps);
            m[i] = (float)mean;
            v[i] = (float)square;
            w[i] = (float)((double)w[i] - rate * (direction + decay * (double)w[i]));
        }
    }
    stats[0] = (float)lr;
    stats[1] = (float)norm;
    stats[2] = (float)coef;
    return 0;
}
