/* SPDX-License-Identifier: MIT */
/* The reference of adamw-schedule: the rate, the norm and the update are in reference/; here they meet the contract.
 *
 * The gauges follow the formulas factor by factor. The rate and the corrections are a few numbers a step that both
 * algorithms form in double, so in w each counts with one rounding: a power of 0.9999 that is close to 1 must not be
 * subtracted from 1 in float32, and the gauges do not excuse it. */
#include "adamw-schedule.h"

#include <stdlib.h>

#include "reference/adamw.h"
#include "reference/clip.h"
#include "reference/schedule.h"

static struct schedule schedule_of(const struct adamw_params *p) {
    return (struct schedule){
        .warmup = p->warmup,
        .decay_steps = p->decay_steps,
        .peak = (double)p->lr_peak,
        .minimum = (double)p->lr_min,
    };
}

static struct adamw rule_of(const struct adamw_params *p, real decay) {
    return (struct adamw){
        .beta1 = (double)p->beta1,
        .beta2 = (double)p->beta2,
        .eps = (double)p->eps,
        .weight_decay = (double)decay,
    };
}

/* What moves the rate: the two products of the warm-up, or minimum and amplitude, and in the cosine its argument. */
static double rate_gauge(const struct adamw_params *p, double rate) {
    const double pi = 0x1.921fb54442d18p+1, half = 0.5 * ((double)p->lr_peak - (double)p->lr_min);
    if (p->step < p->warmup)
        return 2 * rate;
    const double span = p->decay_steps > p->warmup ? (double)p->decay_steps - p->warmup : 1;
    const double angle = pi * fmin(1, ((double)p->step - p->warmup) / span);
    return (double)p->lr_min + half * (2 + 2 * fabs(cos(angle)) + 2 * angle * fabs(sin(angle)));
}

/* What the gauges of one group's elements are made of. */
struct measure {
    double beta1, beta2, unbias1, unbias2, eps, rate, gauge_rate, factor, gauge_factor, decay;
};

/* w, m and v hold what they held before the step. */
static void gauge_group(const struct measure *f, size_t n, const real *g, const real *w, const real *m, const real *v,
                        real *gauge_w, real *gauge_m, real *gauge_v) {
    for (size_t i = 0; i < n; i++) {
        const double old = f->beta1 * (double)m[i], fresh = (1 - f->beta1) * f->factor * (double)g[i];
        const double square = f->factor * (double)g[i] * f->factor * (double)g[i];
        const double mean = old + fresh, raw = f->beta2 * (double)v[i] + (1 - f->beta2) * square;
        const double of_mean = fabs(old) + (1 + f->gauge_factor) * fabs(fresh);
        const double of_raw = raw + 2 * f->gauge_factor * (1 - f->beta2) * square;
        const double root = sqrt(raw * f->unbias2), under = root + f->eps;
        const double of_under = (raw > 0 ? 0.5 * root * of_raw / raw : 0) + root;
        const double ratio = mean * f->unbias1 / under;
        const double of_ratio = of_mean * f->unbias1 / under + fabs(ratio) * (of_under / under + 1);
        const double pull = f->decay * (double)w[i], of_sum = of_ratio + fabs(pull);
        if (gauge_w != NULL)
            gauge_w[i] = (real)(fabs((double)w[i]) + f->rate * of_sum + f->gauge_rate * fabs(ratio + pull));
        if (gauge_m != NULL)
            gauge_m[i] = (real)of_mean;
        if (gauge_v != NULL)
            gauge_v[i] = (real)of_raw;
    }
}

static void gauge_stats(const struct adamw_params *p, const real *stats, real *gauge) {
    gauge[0] = (real)rate_gauge(p, (double)stats[0]);
    gauge[1] = (real)1.5 * stats[1];
    gauge[2] = stats[2] < 1 ? (real)2.5 * stats[2] : 1;
}

static real *from(real *array, size_t at) {
    return array == NULL ? NULL : array + at;
}

int reference_adamw_step(const struct adamw_params *p, const int64_t *count, const real *lr_mult,
                         const real *weight_decay, const real *g, real *w, real *m, real *v, real *stats, real *gauge_w,
                         real *gauge_m, real *gauge_v, real *gauge_of_stats) {
    const struct schedule schedule = schedule_of(p);
    const double rate = schedule_rate(&schedule, p->step), norm = clip_norm(g, (size_t)p->n);
    const double clip = (double)p->clip, factor = norm > clip ? clip / norm : 1;
    const int64_t t = (int64_t)p->step + 1;
    stats[0] = (real)rate;
    stats[1] = (real)norm;
    stats[2] = (real)factor;
    if (gauge_of_stats != NULL)
        gauge_stats(p, stats, gauge_of_stats);
    for (size_t k = 0, at = 0; k < (size_t)p->groups; at += (size_t)count[k++]) {
        const struct adamw rule = rule_of(p, weight_decay[k]);
        const struct measure measure = {
            .beta1 = rule.beta1,
            .beta2 = rule.beta2,
            .unbias1 = 1 / (1 - adamw_power(rule.beta1, t)),
            .unbias2 = 1 / (1 - adamw_power(rule.beta2, t)),
            .eps = rule.eps,
            .rate = rate * (double)lr_mult[k],
            .gauge_rate = rate * (double)lr_mult[k],
            .factor = factor,
            .gauge_factor = factor < 1 ? 3.5 : 0,
            .decay = rule.weight_decay,
        };
        if (gauge_w != NULL || gauge_m != NULL || gauge_v != NULL)
            gauge_group(&measure, (size_t)count[k], g + at, w + at, m + at, v + at, from(gauge_w, at),
                        from(gauge_m, at), from(gauge_v, at));
        adamw_fused(&rule, t, measure.rate, factor, (size_t)count[k], g + at, w + at, m + at, v + at);
    }
    return 0;
}

/* The norm as LAPACK's slassq has it: relative to the largest so far, so that no square leaves the range; block by
 * block, since one sum over millions of float32 numbers says little about the cost of rounding. */
static real plain_norm(const real *g, size_t n) {
    enum { BLOCK = 256 };
    real scale = 0, total = 0;
    for (size_t i = 0; i < n; i++)
        scale = real_fmax(scale, real_fabs(g[i]));
    for (size_t start = 0; start < n && scale > 0; start += BLOCK) {
        real sum = 0;
        for (size_t i = start; i < n && i < start + BLOCK; i++)
            sum += (g[i] / scale) * (g[i] / scale);
        total += sum;
    }
    return scale * real_sqrt(total);
}

/* As frameworks write it: decay first, then moments by interpolation, then one quotient whose corrections are outside. */
static void plain_group(const struct adamw_params *p, double rate, real decay, real factor, size_t n, const real *g,
                        real *w, real *m, real *v) {
    const double t = (double)p->step + 1;
    const double one = -expm1(t * log((double)p->beta1)), two = -expm1(t * log((double)p->beta2));
    const real shrink = (real)(1 - rate * (double)decay), size = (real)(rate / one), root = (real)sqrt(two);
    const real keep1 = (real)(1 - (double)p->beta1), keep2 = (real)(1 - (double)p->beta2);
    for (size_t i = 0; i < n; i++) {
        const real scaled = g[i] * factor;
        w[i] *= shrink;
        m[i] += keep1 * (scaled - m[i]);
        v[i] = v[i] * (real)p->beta2 + keep2 * scaled * scaled;
        w[i] -= size * m[i] / (real_sqrt(v[i]) / root + (real)p->eps);
    }
}

int plain_adamw_step(const struct adamw_params *p, const int64_t *count, const real *lr_mult, const real *weight_decay,
                     const real *g, real *w, real *m, real *v, real *stats) {
    const struct schedule schedule = schedule_of(p);
    const double rate = schedule_rate(&schedule, p->step);
    const real norm = plain_norm(g, (size_t)p->n), factor = norm > (real)p->clip ? (real)p->clip / norm : 1;
    stats[0] = (real)rate;
    stats[1] = norm;
    stats[2] = factor;
    for (size_t k = 0, at = 0; k < (size_t)p->groups; at += (size_t)count[k++])
        plain_group(p, rate * (double)lr_mult[k], weight_decay[k], factor, (size_t)count[k], g + at, w + at, m + at,
                    v + at);
    return 0;
}

/* Groups that together are n, in the proportions that count was filled with, and v as a square. */
int generate_state(const struct adamw_params *p, int64_t *count, real *lr_mult, real *weight_decay, real *g, real *w,
                   real *m, real *v, real *stats) {
    int64_t total = 0, before = 0, start = 0;
    (void)lr_mult, (void)weight_decay, (void)g, (void)w, (void)m, (void)stats;
    for (int32_t k = 0; k < p->groups; k++)
        total += count[k];
    for (int32_t k = 0; k < p->groups; k++) {
        before += count[k];
        const int64_t end = k + 1 == p->groups || total == 0 ? p->n : before * p->n / total;
        count[k] = end - start;
        start = end;
    }
    for (int64_t i = 0; i < p->n; i++)
        v[i] *= v[i];
    return 0;
}
