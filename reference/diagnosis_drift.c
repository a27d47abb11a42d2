/* SPDX-License-Identifier: MIT */
/* Drifts that only many steps give away. A rule is asked at every step about the steps up to it, and the first step at
 * which any rule says yes is the alarm; where the drift began, which is earlier, the rule says itself. The bounds are
 * such that healthy runs of the kind in reference/faults.h do not come near them (tests/bench/diagnosis.c counts). */
#include "reference/diagnosis.h"

enum { MODEL_GROUPS = TRACE_GROUPS - 1 }; /* without the final normalisation's few parameters */

/* Numbers that every step has, NaN where it lacks one. */
enum series {
    LOSS,
    AGREEMENT,    /* of the shards' gradients: log of 1 if they are equal, of 1/2 if four have nothing in common */
    SIZE,         /* log of the smallest of the shards' gradients: what only one shard does leaves it alone */
    UPDATE,       /* of the blocks, as a share of the rate times the root of the elements: Adam's first is 1 */
    GROWTH,       /* of the parameters' norms per unit of rate, summed over the groups; a decay of the wrong sign adds 1
                  to each group's */
    LOWER_GROWTH, /* of the first block's alone */
    PULL,   /* growth of the blocks beyond what an update of this size at right angles to the parameters would cause */
    ODDITY, /* [MODEL_GROUPS] how much better the shards seem to agree in this group than in the others */
    SERIES = ODDITY + MODEL_GROUPS
};

/* Sums of each series over steps 0 .. t-1, so that any window's mean is a difference. */
struct windows {
    const struct trace *trace;
    double sum[SERIES][TRACE_STEPS_MAX + 1];
    int count[SERIES][TRACE_STEPS_MAX + 1];
};

static double mean_of(const struct windows *w, enum series series, size_t from, size_t to) {
    int count = w->count[series][to] - w->count[series][from];
    return count > 0 ? (w->sum[series][to] - w->sum[series][from]) / count : NAN;
}

/* Of a block of width 16 with 64 hidden units. */
static const double block_elements = 3280;

static void gradients(const struct trace *trace, size_t step, double *value) {
    double least = INFINITY, closeness[MODEL_GROUPS], sum = 0;
    for (size_t s = 0; s < TRACE_SHARDS; s++)
        least = fmin(least, trace_at(trace, step, TRACE_SHARD_GNORM + s));
    for (size_t g = 0; g < MODEL_GROUPS; g++) {
        closeness[g] = log(trace_at(trace, step, TRACE_GN + g) / trace_shard_mean(trace, step, g));
        sum += closeness[g];
    }
    value[SIZE] = log(least);
    value[AGREEMENT] = sum / MODEL_GROUPS;
    for (size_t g = 0; g < MODEL_GROUPS; g++)
        value[ODDITY + g] = closeness[g] - (sum - closeness[g]) / (MODEL_GROUPS - 1);
}

static void updates(const struct trace *trace, size_t step, double *value) {
    double unit = trace_at(trace, step, TRACE_RATE) * sqrt(block_elements), sum = 0;
    for (size_t g = 1; g < MODEL_GROUPS; g++)
        sum += trace_at(trace, step, TRACE_UN + g) / unit / (MODEL_GROUPS - 1);
    value[UPDATE] = sum > 0 ? sum : NAN;
    value[GROWTH] = value[LOWER_GROWTH] = value[PULL] = NAN;
    if (step == 0 || trace_at(trace, step - 1, TRACE_SKIPPED) > 0.5)
        return;
    double rate = trace_at(trace, step - 1, TRACE_RATE), growth[MODEL_GROUPS], sideways = 0;
    for (size_t g = 0; g < MODEL_GROUPS; g++) {
        double before = trace_at(trace, step - 1, TRACE_PN + g);
        double share = trace_at(trace, step - 1, TRACE_UN + g) / before;
        growth[g] = log(trace_at(trace, step, TRACE_PN + g) / before) / rate;
        sideways += g == 0 ? 0 : 0.5 * share * share / rate;
    }
    value[GROWTH] = growth[0] + growth[1] + growth[2];
    value[LOWER_GROWTH] = growth[1];
    value[PULL] = growth[1] + growth[2] - sideways;
}

static void windows_make(const struct trace *trace, struct windows *w) {
    w->trace = trace;
    for (size_t i = 0; i < SERIES; i++) {
        w->sum[i][0] = 0;
        w->count[i][0] = 0;
    }
    for (size_t t = 0; t < trace->steps; t++) {
        double value[SERIES];
        value[LOSS] = trace_at(trace, t, TRACE_LOSS);
        gradients(trace, t, value);
        updates(trace, t, value);
        for (size_t i = 0; i < SERIES; i++) {
            bool number = isfinite(value[i]);
            w->sum[i][t + 1] = w->sum[i][t] + (number ? value[i] : 0);
            w->count[i][t + 1] = w->count[i][t] + number;
        }
    }
}

static struct finding found(enum trace_cause cause, size_t first) {
    return (struct finding){cause, (int32_t)first, -1, -1};
}

static const struct finding nothing = {CAUSE_NONE, -1, -1, -1};

/* Where in from .. to-1 the means before and behind differ most for their lengths. */
static size_t change_point(const struct windows *w, enum series series, size_t from, size_t to) {
    size_t best = to - 1;
    double most = -1;
    for (size_t k = from + 4; k < to; k++) {
        double before = (double)(k - from), behind = (double)(to - k);
        double step = mean_of(w, series, from, k) - mean_of(w, series, k, to);
        double gain = step * step * before * behind / (before + behind);
        if (gain > most) {
            most = gain;
            best = k;
        }
    }
    return best;
}

/* The first updates of Adam are alike in every run, since hardly a gradient has been averaged yet. */
static struct finding first_updates(const struct windows *w, size_t step) {
    const int *count = w->count[UPDATE];
    if (!w->trace->has_update || count[step + 1] == count[step])
        return nothing;
    if (count[step + 1] == 1 && w->sum[UPDATE][step + 1] < 0.7)
        return found(CAUSE_OPTIMISER, step);
    size_t first = 0;
    while (count[first + 1] == 0)
        first++;
    double mean = (w->sum[UPDATE][step + 1] - w->sum[UPDATE][first + 1]) / 4;
    return count[step + 1] == 5 && (mean < 0.52 || mean > 0.67) ? found(CAUSE_OPTIMISER, first) : nothing;
}

/* How the norms of the parameters grow shows how far they are moved and what decay does to them. */
static struct finding parameters_grow(const struct windows *w, size_t step) {
    if (step < 40 || step >= 100)
        return nothing;
    if (step == 40 && mean_of(w, LOWER_GROWTH, 21, 41) > 0.75)
        return found(CAUSE_OPTIMISER, 0);
    if (step > 42 && step < 60 && w->trace->has_update && mean_of(w, PULL, step - 19, step + 1) > 0.92)
        return found(CAUSE_OPTIMISER, 0);
    double growth = mean_of(w, GROWTH, step - 19, step + 1);
    return (step == 60 && growth > 2.3) || (step >= 60 && growth < 0.2) ? found(CAUSE_OPTIMISER, 0) : nothing;
}

/* Larger gradients in every shard, and shards that agree: they all carry what they summed up before. */
static struct finding gradients_pile_up(const struct windows *w, size_t step) {
    if (step < 35)
        return nothing;
    double larger = mean_of(w, SIZE, step - 2, step + 1) - mean_of(w, SIZE, step - 22, step - 2);
    double closer = mean_of(w, AGREEMENT, step - 4, step + 1) - mean_of(w, AGREEMENT, 10, step - 9);
    return larger > 0.4 && closer > 0.1 ? found(CAUSE_OPTIMISER, change_point(w, SIZE, step - 22, step + 1)) : nothing;
}

/* One topic for longer than any legal stretch of it: the loss falls below its own trend, or jumps when the topic ends,
 * and nothing else has happened. */
static struct finding text_in_order(const struct windows *w, size_t step) {
    if (step < 55)
        return nothing;
    double lower = mean_of(w, LOSS, step - 15, step + 1) - mean_of(w, LOSS, step - 46, step - 15);
    double jump = mean_of(w, LOSS, step - 3, step + 1) - mean_of(w, LOSS, step - 34, step - 3);
    return lower < -0.5 || jump > 0.55 ? found(CAUSE_DATA, change_point(w, LOSS, step - 45, step + 1)) : nothing;
}

/* Where no checksum shows it: a shard that contributes nothing, or nothing new, leaves a mean that is too small, and a
 * bucket of noise one that is too large. */
static struct finding wrong_mean(const struct windows *w, size_t step) {
    if (w->trace->has_crc || step < 30)
        return nothing;
    for (size_t g = 0; g < MODEL_GROUPS; g++)
        if (mean_of(w, ODDITY + g, step - 3, step + 1) - mean_of(w, ODDITY + g, 10, step - 3) > 0.35)
            return (struct finding){CAUSE_HARDWARE, (int32_t)step - 3, -1, (int32_t)g};
    double fall = mean_of(w, AGREEMENT, step - 19, step + 1) - mean_of(w, AGREEMENT, 10, step - 19);
    return step >= 55 && fall < -0.15 ? found(CAUSE_HARDWARE, change_point(w, AGREEMENT, step - 45, step + 1))
                                      : nothing;
}

struct finding diagnosis_drift(const struct trace *trace) {
    static struct finding (*const rules[])(const struct windows *, size_t) = {
        first_updates, parameters_grow, gradients_pile_up, text_in_order, wrong_mean,
    };
    struct windows w;
    windows_make(trace, &w);
    for (size_t step = 0; step < trace->steps; step++)
        for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++) {
            struct finding f = rules[r](&w, step);
            if (f.first >= 0)
                return f;
        }
    return nothing;
}
