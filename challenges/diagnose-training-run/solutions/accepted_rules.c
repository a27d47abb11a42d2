// expect: passed
// harness: diagnose-training-run
// A list of rules, asked step by step; the first that says yes is the diagnosis. Most are identities that a healthy run
// cannot break, a few are bounds on what healthy runs do.
#include "diagnose-training-run.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { SHARDS = DIAGNOSE_SHARDS, GROUPS = DIAGNOSE_GROUPS, BLOCK = 3280 };

struct run {
    const float *record;
    const int32_t *crc;
    int32_t runs, run, steps;
    bool checksums, updates;
};

struct answer {
    int32_t cause, first_step, shard, group;
};

static double at(const struct run *r, int32_t step, int field) {
    return (double)r->record[((size_t)step * (size_t)r->runs + (size_t)r->run) * DIAGNOSE_FIELDS + (size_t)field];
}

static int32_t crc(const struct run *r, int32_t step, int kind, int shard, int group) {
    const size_t row = (size_t)step * (size_t)r->runs + (size_t)r->run;
    return r->crc[row * DIAGNOSE_CRCS * SHARDS * GROUPS + (size_t)((kind * SHARDS + shard) * GROUPS + group)];
}

static bool say(struct answer *a, int32_t cause, int32_t first, int32_t shard, int32_t group) {
    *a = (struct answer){cause, first < 0 ? 0 : first, shard, group};
    return true;
}

// The mean over the shards of a group's gradient norm.
static double shard_mean(const struct run *r, int32_t t, int group) {
    double sum = 0;
    for (int s = 0; s < SHARDS; s++)
        sum += at(r, t, DIAGNOSE_SHARD_GN + GROUPS * s + group);
    return sum / SHARDS;
}

// How well the shards agree, from log(1/2) for gradients at right angles up to 0.
static double agreement(const struct run *r, int32_t t) {
    double sum = 0;
    for (int g = 0; g < 3; g++)
        sum += log(at(r, t, DIAGNOSE_GN + g) / shard_mean(r, t, g)) / 3;
    return isfinite(sum) ? sum : -0.6;
}

static double loss(const struct run *r, int32_t t) {
    return at(r, t, DIAGNOSE_LOSS);
}

static double smallest_gradient(const struct run *r, int32_t t) {
    double least = INFINITY;
    for (int s = 0; s < SHARDS; s++)
        least = fmin(least, at(r, t, DIAGNOSE_SHARD_GNORM + s));
    return log(least);
}

static double mean(const struct run *r, double (*value)(const struct run *, int32_t), int32_t from, int32_t to) {
    double sum = 0;
    from = from < 0 ? 0 : from;
    for (int32_t t = from; t < to; t++)
        sum += value(r, t);
    return sum / (to - from);
}

static bool checksums_differ(const struct run *r, int32_t t, struct answer *a) {
    int32_t shard = -1, group = -1, count = 0;
    for (int s = 0; r->checksums && s < SHARDS; s++)
        for (int g = 0; g < GROUPS; g++)
            if (crc(r, t, DIAGNOSE_CRC_SENT, s, g) != crc(r, t, DIAGNOSE_CRC_RECEIVED, s, g)) {
                shard = s;
                group = count++ ? -1 : g;
            }
    return count && say(a, DIAGNOSE_HARDWARE, t, shard, group);
}

static bool replicas_differ(const struct run *r, int32_t t, struct answer *a) {
    for (int s = 0; r->checksums && s < SHARDS; s++)
        for (int g = 0; g < GROUPS; g++) {
            const int32_t own = crc(r, t, DIAGNOSE_CRC_PARAMS, s, g);
            if (own != crc(r, t, DIAGNOSE_CRC_PARAMS, (s + 1) % SHARDS, g) &&
                own != crc(r, t, DIAGNOSE_CRC_PARAMS, (s + 2) % SHARDS, g))
                return say(a, DIAGNOSE_HARDWARE, t, s, g);
        }
    return false;
}

static bool numbers_are_wrong(const struct run *r, int32_t t, struct answer *a) {
    const bool half = at(r, t, DIAGNOSE_LOSS_SCALE) > 1;
    if (half && at(r, t, DIAGNOSE_NONFINITE) > 0 && at(r, t, DIAGNOSE_SKIPPED) < 1)
        return say(a, DIAGNOSE_NUMBERS, t, -1, -1);
    if (t > 0 && at(r, t - 1, DIAGNOSE_SKIPPED) > 0 &&
        at(r, t, DIAGNOSE_LOSS_SCALE) > at(r, t - 1, DIAGNOSE_LOSS_SCALE))
        return say(a, DIAGNOSE_NUMBERS, t, -1, -1);
    for (int g = 0; r->updates && g < GROUPS; g++)
        if (fabs(at(r, t, DIAGNOSE_DW + g) - at(r, t, DIAGNOSE_UN + g)) > 0.01 * at(r, t, DIAGNOSE_UN + g))
            return say(a, DIAGNOSE_NUMBERS, t, -1, -1);
    return false;
}

// A warm-up grows by equal amounts from zero; behind it the rate never rises.
static bool rate_is_wrong(const struct run *r, int32_t t, struct answer *a) {
    const double rate = at(r, t, DIAGNOSE_LR);
    double most = 0, least = 0;
    int32_t lowest = 0;
    if (rate > 0.0016 * (t + 1))
        return say(a, DIAGNOSE_RATE, t, -1, -1);
    if (t > 0 && rate > 1.02 * at(r, t - 1, DIAGNOSE_LR) * (t + 1) / t)
        return say(a, DIAGNOSE_RATE, t, -1, -1);
    for (int32_t k = 0; k < t; k++) {
        const double x = at(r, k, DIAGNOSE_LR);
        most = fmax(most, x);
        if (x == most || x < least) {
            least = x;
            lowest = k;
        }
    }
    return most > 1.5 * least && rate > 1.01 * least && say(a, DIAGNOSE_RATE, lowest + 1, -1, -1);
}

static bool text_is_strange(const struct run *r, int32_t t, struct answer *a) {
    int32_t count = 0, shard = -1;
    for (int32_t s = 0; t >= 32 && s < SHARDS; s++)
        if (at(r, t, DIAGNOSE_BIGRAM_NOVEL + s) > 0.25 || at(r, t, DIAGNOSE_REP_FRAC + s) > 0.8)
            shard = count++ ? -1 : s;
    return count && say(a, DIAGNOSE_DATA, t, shard, -1);
}

// How much larger a bucket is than those of the other shards, against the same of the shard's other buckets.
static double excess(const struct run *r, int32_t t, int s, int g) {
    double ratio[3];
    for (int k = 0; k < 3; k++) {
        const double own = at(r, t, DIAGNOSE_SHARD_GN + GROUPS * s + k);
        ratio[k] = 3 * own / (4 * shard_mean(r, t, k) - own);
    }
    return ratio[g] > 1.3 ? 2 * ratio[g] / (ratio[(g + 1) % 3] + ratio[(g + 2) % 3]) : 0;
}

static bool gradients_are_wrong(const struct run *r, int32_t t, struct answer *a) {
    for (int g = 0; g < GROUPS && !(at(r, t, DIAGNOSE_NONFINITE) > 0); g++)
        if (at(r, t, DIAGNOSE_GN + g) > 1.02 * shard_mean(r, t, g)) // no mean is longer than the mean of the lengths
            return say(a, DIAGNOSE_HARDWARE, t, -1, g);
    for (int s = 0; t > 0 && s < SHARDS; s++)
        for (int g = 0; g < 3; g++)
            if (excess(r, t, s, g) > 2.1 && excess(r, t - 1, s, g) > 2.1)
                return say(a, DIAGNOSE_HARDWARE, t - 1, s, g);
    for (int g = 0; g < 3; g++)
        if (at(r, t, DIAGNOSE_ACT_MAX + g) > 1e6) {
            int32_t least = 0;
            for (int32_t s = 1; s < SHARDS; s++)
                if (at(r, t, DIAGNOSE_SHARD_GNORM + s) < at(r, t, DIAGNOSE_SHARD_GNORM + least))
                    least = s;
            return say(a, DIAGNOSE_HARDWARE, t, least, g);
        }
    return false;
}

// The update of a block in units of the rate: 1 at first, and then less in the same way in every run.
static double update(const struct run *r, int32_t t) {
    return at(r, t, DIAGNOSE_UN + 1) / at(r, t, DIAGNOSE_LR) / sqrt(BLOCK);
}

static bool updates_are_wrong(const struct run *r, int32_t t, struct answer *a) {
    double sum = 0;
    int32_t count = 0;
    for (int32_t k = 0; k <= t && count < 5 && t < 20; k++)
        if (at(r, k, DIAGNOSE_UN + 1) > 0 && count++ > 0)
            sum += update(r, k);
    if (r->updates && count == 5 && (sum < 4 * 0.53 || sum > 4 * 0.66))
        return say(a, DIAGNOSE_OPTIMISER, 0, -1, -1);
    if (t > 5 && r->updates && update(r, t) > 1.2)
        return say(a, DIAGNOSE_OPTIMISER, t, -1, -1);
    const double unit = at(r, t, DIAGNOSE_LR) * sqrt(BLOCK);
    return t > 5 && at(r, t, DIAGNOSE_PN + 1) - at(r, t - 1, DIAGNOSE_PN + 1) > 1.2 * unit &&
           say(a, DIAGNOSE_OPTIMISER, t - 1, -1, -1);
}

// What 20 steps do to the parameters' norms, per unit of rate: decay of the wrong kind shows, and so do updates that
// are too large.
static bool parameters_drift(const struct run *r, int32_t t, struct answer *a) {
    double growth = 0, rate = 0;
    if (t != 40 && t != 60 && t != 70)
        return false;
    for (int32_t k = t - 20; k < t; k++)
        rate += at(r, k, DIAGNOSE_SKIPPED) > 0 ? 0 : at(r, k, DIAGNOSE_LR);
    for (int g = t == 40 ? 1 : 0; g < (t == 40 ? 2 : 3); g++)
        growth += log(at(r, t, DIAGNOSE_PN + g) / at(r, t - 20, DIAGNOSE_PN + g)) / rate;
    return (t == 40 ? growth > 0.75 : growth > 2.3 || growth < 0.2) && say(a, DIAGNOSE_OPTIMISER, 0, -1, -1);
}

static bool gradients_pile_up(const struct run *r, int32_t t, struct answer *a) {
    return t >= 35 && mean(r, smallest_gradient, t - 2, t + 1) > 0.4 + mean(r, smallest_gradient, t - 22, t - 2) &&
           mean(r, agreement, t - 4, t + 1) > 0.1 + mean(r, agreement, t - 30, t - 9) &&
           say(a, DIAGNOSE_OPTIMISER, t - 4, -1, -1);
}

static bool topic_stays(const struct run *r, int32_t t, struct answer *a) {
    if (t < 55)
        return false;
    const double before = mean(r, loss, t - 46, t - 15), now = mean(r, loss, t - 15, t + 1);
    return (now < before - 0.5 || mean(r, loss, t - 3, t + 1) > before + 0.6) &&
           say(a, DIAGNOSE_DATA, t - 14, -1, -1);
}

static bool shard_is_missing(const struct run *r, int32_t t, struct answer *a) {
    return !r->checksums && t >= 55 && t % 5 == 0 &&
           mean(r, agreement, t - 19, t + 1) < mean(r, agreement, 10, t - 19) - 0.15 &&
           say(a, DIAGNOSE_HARDWARE, t - 14, -1, -1);
}

static struct answer examine(const struct run *r) {
    static bool (*const rules[])(const struct run *, int32_t, struct answer *) = {
        checksums_differ,
        replicas_differ,
        numbers_are_wrong,
        rate_is_wrong,
        text_is_strange,
        gradients_are_wrong,
        updates_are_wrong,
        parameters_drift,
        gradients_pile_up,
        topic_stays,
        shard_is_missing,
    };
    struct answer a = {DIAGNOSE_NONE, -1, -1, -1};
    for (int32_t t = 0; t < r->steps; t++)
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
            if (rules[i](r, t, &a))
                return a;
    return a;
}

int diagnose(const struct diagnose_params *p, const float *record, const int32_t *checksum, int32_t *cause,
             int32_t *first_step, int32_t *shard, int32_t *group, float *probability) {
    for (int32_t i = 0; i < p->runs; i++) {
        const struct run r = {record, checksum, p->runs, i, p->steps, p->has_checksums != 0, p->has_updates != 0};
        const struct answer a = examine(&r);
        const float sure = a.cause != DIAGNOSE_NONE ? 0.95f : r.updates ? 0.85f : 0.6f;
        cause[i] = a.cause;
        first_step[i] = a.first_step;
        shard[i] = a.shard;
        group[i] = a.group;
        for (int32_t c = 0; c < DIAGNOSE_CAUSES; c++)
            probability[i * DIAGNOSE_CAUSES + c] = c == a.cause ? sure : (1 - sure) / (DIAGNOSE_CAUSES - 1);
    }
    return 0;
}
