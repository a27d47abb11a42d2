// expect: passed
// harness: adamw-schedule
// The norm in float lanes, blocks at a time, scaled only if the plain squares leave the range; moments by
// interpolation; the corrections folded into two numbers a group, and the decay into one.
#include <math.h>

#include "adamw-schedule.h"

enum { LANES = 64, BLOCK = 4096 };

static double sum_squares(const float *restrict g, int64_t n, float scale) {
    double sum = 0;
    for (int64_t start = 0; start < n; start += BLOCK) {
        const int64_t end = start + BLOCK < n ? start + BLOCK : n;
        float part[LANES] = {0};
        int64_t i = start;
        for (; i + LANES <= end; i += LANES)
            for (int l = 0; l < LANES; l++)
                part[l] += (g[i + l] * scale) * (g[i + l] * scale);
        for (; i < end; i++)
            part[0] += (g[i] * scale) * (g[i] * scale);
        for (int l = 0; l < LANES; l++)
            sum += (double)part[l];
    }
    return sum;
}

static double norm_of(const float *g, int64_t n) {
    const double sum = sum_squares(g, n, 1);
    if (sum > 1e-20 && sum < 1e38)
        return sqrt(sum);
    float largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(g[i]));
    return largest > 0 ? (double)largest * sqrt(sum_squares(g, n, 1 / largest)) : 0;
}

static double rate_of(const struct adamw_params *p) {
    if (p->step < p->warmup)
        return (double)p->lr_peak * ((double)p->step + 1) / (double)p->warmup;
    if (p->step == p->warmup)
        return (double)p->lr_peak;
    if (p->step >= p->decay_steps)
        return (double)p->lr_min;
    const double part = (double)(p->step - p->warmup) / (double)(p->decay_steps - p->warmup);
    const double half = cos(1.57079632679489661923 * part); /* (1 + cos 2x)/2 is cos(x)^2 */
    return (double)p->lr_min + ((double)p->lr_peak - (double)p->lr_min) * half * half;
}

int adamw_step(const struct adamw_params *p, const int64_t *count, const float *lr_mult, const float *weight_decay,
               const float *g, float *w, float *m, float *v, float *stats) {
    const double rate = rate_of(p), norm = norm_of(g, p->n), t = (double)p->step + 1;
    const double one = -expm1(t * log((double)p->beta1)), two = -expm1(t * log((double)p->beta2));
    const float coef = norm > (double)p->clip ? (float)((double)p->clip / norm) : 1;
    const float keep1 = 1 - p->beta1, beta2 = p->beta2, keep2 = 1 - p->beta2;
    /* lr*(m/one)/(sqrt(v/two) + eps) = size*m/(sqrt(v) + small) */
    const float small = (float)(sqrt(two) * (double)p->eps);
    stats[0] = (float)rate;
    stats[1] = (float)norm;
    stats[2] = coef;
    for (int64_t k = 0, start = 0; k < p->groups; start += count[k++]) {
        const double lr = rate * (double)lr_mult[k];
        const float size = (float)(lr * sqrt(two) / one), shrink = (float)(lr * (double)weight_decay[k]);
        const float *restrict up = g + start;
        float *restrict at = w + start, *restrict mean = m + start, *restrict square = v + start;
        for (int64_t i = 0; i < count[k]; i++) {
            const float clipped = coef * up[i];
            const float first = mean[i] + keep1 * (clipped - mean[i]);
            const float second = beta2 * square[i] + keep2 * clipped * clipped;
            mean[i] = first;
            square[i] = second;
            at[i] = at[i] - shrink * at[i] - size * first / (sqrtf(second) + small);
        }
    }
    return 0;
}
