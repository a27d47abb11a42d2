// expect: passed
// harness: diagnose-training-run
// A decision tree that leans to one side: each node asks one question about one of two dozen numbers of a step, and its
// upper branch is a leaf. The first step that reaches a leaf with a cause ends the search, because what comes behind
// may be a consequence. Nodes, thresholds and leaf probabilities were fitted to 446 labelled runs of the kind that is
// published, under each of the three masks: greedily, one node after the other, each the question that gained most
// over all runs, where a fault found early counts up to 1, a wrong cause -1, and a false alarm -8 to -12; a threshold
// stands in the middle of those that do equally well. The first two nodes were put there by hand: they are certain.
#include "diagnose-training-run.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { STEPS_MAX = 512, BLOCKS_END = DIAGNOSE_GROUPS - 1 };
enum { CRC_COUNT = DIAGNOSE_CRCS * DIAGNOSE_SHARDS * DIAGNOSE_GROUPS };

enum feature {
    WIRE,         // buckets whose checksum changed on the way
    REPLICA,      // replicas whose parameters differ from those of the next two
    KEPT,         // an overflow that was not skipped
    SCALE_RISE,   // the loss scale grew right after an overflow
    STORED,       // relative difference of stored and intended change
    RATE_SLOPE,   // rate / (step + 1)
    RATE_JUMP,    // rate / what a linear warm-up or a decay allows after the one before
    RATE_RISE,    // rate / the lowest since the highest, once it has fallen
    NOVEL,        // most new pairs of any shard, from step 32 on
    REPEATED,     // most repeated tokens of any shard
    NORM_OF_MEAN, // largest norm of the mean gradient / mean of the norms
    ACTIVATION,   // log10 of the largest
    ODD_BUCKET,   // how much larger one bucket is than its shard's others, both relative to the other shards; the
                  // smaller of this step's and the last's
    MOVED,        // size of the blocks' update / (rate * root of their elements), from step 5 on
    FIRST_UPDATE, // the same of the very first update, and of the second to fifth
    EARLY_UPDATES,
    PULL,        // growth of the blocks' norms beyond what the update's size explains, steps 43 .. 59
    GROWTH,      // growth of all norms per unit of rate, steps 60 .. 99
    BLOCK_GROWTH, // of the first block, at step 40
    PILE,        // log of the smallest shard gradient, last three steps against the twenty before
    CLOSER,      // log of NORM_OF_MEAN averaged over groups, last five steps against all before
    LOSS_FALL,   // loss of the last sixteen steps against the thirty before
    LOSS_JUMP,   // of the last four
    LESS_MEAN,   // as CLOSER, of the last twenty
    ODD_GROUP,   // as CLOSER, of the last four, of one group against the other two
    FEATURES
};

// One run's steps, and sums of what windows are asked for.
struct run {
    const float *record;
    const int32_t *crc;
    int32_t runs, run, steps, checksums, updates;
    double loss[STEPS_MAX + 1], size[STEPS_MAX + 1], close[STEPS_MAX + 1], growth[STEPS_MAX + 1];
    double block[STEPS_MAX + 1], pull[STEPS_MAX + 1], odd[BLOCKS_END][STEPS_MAX + 1];
    double early, first;
    int32_t update_count;
};

static double at(const struct run *r, int32_t step, int column) {
    return (double)r->record[((size_t)step * (size_t)r->runs + (size_t)r->run) * DIAGNOSE_FIELDS + (size_t)column];
}

static const int32_t *crc_of(const struct run *r, int32_t step, int kind) {
    return r->crc + ((size_t)step * (size_t)r->runs + (size_t)r->run) * CRC_COUNT +
           (size_t)kind * DIAGNOSE_SHARDS * DIAGNOSE_GROUPS;
}

static double mean(const double *sum, int32_t from, int32_t to) {
    from = from < 0 ? 0 : from;
    return to > from ? (sum[to] - sum[from]) / (to - from) : 0;
}

static double number(double x) {
    return isfinite(x) ? x : 0;
}

static double norms(const struct run *r, int32_t step, int group) {
    double sum = 0;
    for (int s = 0; s < DIAGNOSE_SHARDS; s++)
        sum += at(r, step, DIAGNOSE_SHARD_GN + 4 * s + group);
    return sum;
}

static double update_size(const struct run *r, int32_t step) {
    return (at(r, step, DIAGNOSE_UN + 1) + at(r, step, DIAGNOSE_UN + 2)) / 2 / at(r, step, DIAGNOSE_LR) / sqrt(3280);
}

// Takes step t into the sums.
static void add_step(struct run *r, int32_t t) {
    double least = INFINITY, close[BLOCKS_END], all = 0, grown[BLOCKS_END] = {0}, sideways = 0;
    for (int s = 0; s < DIAGNOSE_SHARDS; s++)
        least = fmin(least, at(r, t, DIAGNOSE_SHARD_GNORM + s));
    for (int g = 0; g < BLOCKS_END; g++)
        all += close[g] = number(log(4 * at(r, t, DIAGNOSE_GN + g) / norms(r, t, g)));
    for (int g = 0; t > 0 && g < BLOCKS_END; g++) {
        double before = at(r, t - 1, DIAGNOSE_PN + g), rate = at(r, t - 1, DIAGNOSE_LR);
        double share = at(r, t - 1, DIAGNOSE_UN + g) / before;
        grown[g] = log(at(r, t, DIAGNOSE_PN + g) / before) / rate;
        sideways += g > 0 ? 0.5 * share * share / rate : 0;
    }
    r->loss[t + 1] = r->loss[t] + number(at(r, t, DIAGNOSE_LOSS));
    r->size[t + 1] = r->size[t] + number(log(least));
    r->close[t + 1] = r->close[t] + all / BLOCKS_END;
    r->growth[t + 1] = r->growth[t] + number(grown[0] + grown[1] + grown[2]);
    r->block[t + 1] = r->block[t] + number(grown[1]);
    r->pull[t + 1] = r->pull[t] + number(grown[1] + grown[2] - sideways);
    for (int g = 0; g < BLOCKS_END; g++)
        r->odd[g][t + 1] = r->odd[g][t] + close[g] - (all - close[g]) / 2;
    if (r->updates && at(r, t, DIAGNOSE_UN + 1) > 0 && r->update_count < 5) {
        if (r->update_count++ == 0)
            r->first = update_size(r, t);
        else
            r->early += update_size(r, t) / 4;
    }
}

static double excess(const struct run *r, int32_t t, int s, int g) {
    double own = 0, others = 0;
    for (int k = 0; k < BLOCKS_END; k++) {
        double x = at(r, t, DIAGNOSE_SHARD_GN + 4 * s + k), ratio = 3 * x / (norms(r, t, k) - x);
        *(k == g ? &own : &others) += ratio;
    }
    return own > 1.3 ? 2 * own / others : 0;
}

static double odd_bucket(const struct run *r, int32_t t, int32_t *shard, int32_t *group) {
    double most = 0;
    for (int s = 0; t > 0 && s < DIAGNOSE_SHARDS; s++)
        for (int g = 0; g < BLOCKS_END; g++) {
            double x = fmin(excess(r, t, s, g), excess(r, t - 1, s, g));
            if (x > most) {
                most = x;
                *shard = s;
                *group = g;
            }
        }
    return most;
}

static void count_checksums(const struct run *r, int32_t t, double *f) {
    const int32_t *sent = crc_of(r, t, DIAGNOSE_CRC_SENT), *got = crc_of(r, t, DIAGNOSE_CRC_RECEIVED);
    const int32_t *params = crc_of(r, t, DIAGNOSE_CRC_PARAMS);
    for (int s = 0; s < DIAGNOSE_SHARDS; s++)
        for (int g = 0; g < DIAGNOSE_GROUPS; g++) {
            int32_t own = params[4 * s + g];
            f[WIRE] += sent[4 * s + g] != got[4 * s + g];
            f[REPLICA] += own != params[(4 * s + g + 4) % 16] && own != params[(4 * s + g + 8) % 16];
        }
}

static void look_at_rate(const struct run *r, int32_t t, double *f) {
    double rate = at(r, t, DIAGNOSE_LR), most = 0, least = 0;
    for (int32_t k = 0; k <= t; k++) {
        double x = at(r, k, DIAGNOSE_LR);
        if (x > most)
            most = least = x;
        least = fmin(least, x);
    }
    f[RATE_SLOPE] = rate / (t + 1);
    f[RATE_JUMP] = t > 0 ? rate / at(r, t - 1, DIAGNOSE_LR) * t / (t + 1) : 0;
    f[RATE_RISE] = most > 1.5 * least ? rate / least : 1;
}

static void look_at_windows(const struct run *r, int32_t t, double *f) {
    if (t > 42 && t < 60 && r->updates)
        f[PULL] = mean(r->pull, t - 19, t + 1);
    f[GROWTH] = t >= 60 && t < 100 ? mean(r->growth, t - 19, t + 1) : 1;
    if (t == 40)
        f[BLOCK_GROWTH] = mean(r->block, 21, 41);
    if (t < 35)
        return;
    f[PILE] = mean(r->size, t - 2, t + 1) - mean(r->size, t - 22, t - 2);
    f[CLOSER] = mean(r->close, t - 4, t + 1) - mean(r->close, 10, t - 9);
    for (int g = 0; g < BLOCKS_END; g++)
        f[ODD_GROUP] = fmax(f[ODD_GROUP], mean(r->odd[g], t - 3, t + 1) - mean(r->odd[g], 10, t - 3));
    if (t < 55)
        return;
    f[LOSS_FALL] = mean(r->loss, t - 46, t - 15) - mean(r->loss, t - 15, t + 1);
    f[LOSS_JUMP] = mean(r->loss, t - 3, t + 1) - mean(r->loss, t - 34, t - 3);
    f[LESS_MEAN] = mean(r->close, 10, t - 19) - mean(r->close, t - 19, t + 1);
}

static void look(const struct run *r, int32_t t, double *f) {
    for (int i = 0; i < FEATURES; i++)
        f[i] = 0;
    count_checksums(r, t, f);
    look_at_rate(r, t, f);
    look_at_windows(r, t, f);
    f[KEPT] = at(r, t, DIAGNOSE_NONFINITE) > 0 && at(r, t, DIAGNOSE_SKIPPED) < 1 && at(r, t, DIAGNOSE_LOSS_SCALE) > 1;
    f[SCALE_RISE] = t > 0 && at(r, t - 1, DIAGNOSE_SKIPPED) > 0 &&
                    at(r, t, DIAGNOSE_LOSS_SCALE) > at(r, t - 1, DIAGNOSE_LOSS_SCALE);
    for (int g = 0; g < DIAGNOSE_GROUPS; g++) {
        double intended = at(r, t, DIAGNOSE_UN + g);
        if (intended > 0)
            f[STORED] = fmax(f[STORED], fabs(at(r, t, DIAGNOSE_DW + g) / intended - 1));
        if (!(at(r, t, DIAGNOSE_NONFINITE) > 0))
            f[NORM_OF_MEAN] = fmax(f[NORM_OF_MEAN], 4 * at(r, t, DIAGNOSE_GN + g) / norms(r, t, g));
        f[ACTIVATION] = fmax(f[ACTIVATION], log10(at(r, t, DIAGNOSE_ACT_MAX + g)));
    }
    for (int s = 0; s < DIAGNOSE_SHARDS; s++) {
        f[NOVEL] = fmax(f[NOVEL], t >= 32 ? at(r, t, DIAGNOSE_BIGRAM_NOVEL + s) : 0);
        f[REPEATED] = fmax(f[REPEATED], at(r, t, DIAGNOSE_REP_FRAC + s));
    }
    int32_t shard = -1, group = -1;
    f[ODD_BUCKET] = odd_bucket(r, t, &shard, &group);
    double unit = at(r, t, DIAGNOSE_LR) * sqrt(3280);
    if (t >= 5 && r->updates)
        f[MOVED] = update_size(r, t);
    else if (t >= 6)
        f[MOVED] = (at(r, t, DIAGNOSE_PN + 1) - at(r, t - 1, DIAGNOSE_PN + 1)) / unit;
    f[FIRST_UPDATE] = r->updates && r->update_count >= 1 ? r->first : 1;
    f[EARLY_UPDATES] = r->updates && r->update_count == 5 ? r->early : 0.59;
    for (int i = 0; i < FEATURES; i++)
        f[i] = number(f[i]);
}

enum side { ABOVE, BELOW };

// A question and the leaf behind it: the probability of each cause when the answer is yes.
struct node {
    enum feature feature;
    enum side side;
    float threshold, probability[DIAGNOSE_CAUSES];
};

static const struct node tree[] = {
    {WIRE, ABOVE, 0.5f, {0.005f, 0.005f, 0.005f, 0.975f, 0.005f, 0.005f}},
    {REPLICA, ABOVE, 0.5f, {0.005f, 0.005f, 0.005f, 0.975f, 0.005f, 0.005f}},
    {NOVEL, ABOVE, 0.25f, {0.008f, 0.881f, 0.003f, 0.102f, 0.003f, 0.003f}},
    {ODD_GROUP, ABOVE, 0.4709f, {0.004f, 0.004f, 0.091f, 0.806f, 0.091f, 0.004f}},
    {RATE_JUMP, ABOVE, 1.046f, {0.004f, 0.004f, 0.835f, 0.149f, 0.004f, 0.004f}},
    {MOVED, ABOVE, 0.571f, {0.005f, 0.005f, 0.005f, 0.005f, 0.975f, 0.005f}},
    {RATE_SLOPE, ABOVE, 0.001954f, {0.010f, 0.010f, 0.950f, 0.010f, 0.010f, 0.010f}},
    {ACTIVATION, ABOVE, 2.392f, {0.014f, 0.014f, 0.014f, 0.930f, 0.014f, 0.014f}},
    {CLOSER, ABOVE, 0.366f, {0.012f, 0.012f, 0.012f, 0.012f, 0.035f, 0.917f}},
    {ACTIVATION, ABOVE, 1.124f, {0.009f, 0.009f, 0.009f, 0.065f, 0.899f, 0.009f}},
    {ODD_BUCKET, ABOVE, 2.339f, {0.011f, 0.011f, 0.011f, 0.945f, 0.011f, 0.011f}},
    {LESS_MEAN, ABOVE, 0.1673f, {0.029f, 0.029f, 0.029f, 0.855f, 0.029f, 0.029f}},
    {STORED, ABOVE, 0.2908f, {0.026f, 0.026f, 0.026f, 0.026f, 0.026f, 0.870f}},
    {EARLY_UPDATES, BELOW, 0.5418f, {0.026f, 0.026f, 0.026f, 0.026f, 0.870f, 0.026f}},
    {LOSS_JUMP, ABOVE, 0.6427f, {0.024f, 0.880f, 0.024f, 0.024f, 0.024f, 0.024f}},
    {PILE, ABOVE, 0.6047f, {0.014f, 0.014f, 0.014f, 0.014f, 0.930f, 0.014f}},
    {KEPT, ABOVE, 0.5f, {0.019f, 0.019f, 0.019f, 0.019f, 0.019f, 0.905f}},
    {RATE_RISE, ABOVE, 1.313f, {0.042f, 0.042f, 0.790f, 0.042f, 0.042f, 0.042f}},
    {GROWTH, BELOW, -0.1044f, {0.045f, 0.045f, 0.045f, 0.045f, 0.775f, 0.045f}},
    {SCALE_RISE, ABOVE, 0.5f, {0.019f, 0.019f, 0.019f, 0.019f, 0.019f, 0.905f}},
    {LOSS_FALL, ABOVE, 0.6336f, {0.033f, 0.835f, 0.033f, 0.033f, 0.033f, 0.033f}},
};

static const float all_said_no[DIAGNOSE_CAUSES] = {0.93f, 0.015f, 0.005f, 0.01f, 0.025f, 0.015f};
static const float all_said_no_without_updates[DIAGNOSE_CAUSES] = {0.6f, 0.04f, 0.01f, 0.01f, 0.17f, 0.17f};

static const struct node *leaf_of(const double *f) {
    for (size_t i = 0; i < sizeof tree / sizeof tree[0]; i++) {
        const double x = f[tree[i].feature], threshold = (double)tree[i].threshold;
        if (tree[i].side == ABOVE ? x > threshold : x < threshold)
            return &tree[i];
    }
    return NULL;
}

static int32_t likeliest(const struct node *leaf) {
    int32_t best = 0;
    for (int32_t c = 1; c < DIAGNOSE_CAUSES; c++)
        if (leaf->probability[c] > leaf->probability[best])
            best = c;
    return best;
}

// The only bucket that checksums of this kind find fault with; false when they find none.
static bool blame_checksums(const struct run *r, int32_t t, int kind, int32_t *shard, int32_t *group) {
    const int32_t *sent = crc_of(r, t, DIAGNOSE_CRC_SENT), *seen = crc_of(r, t, kind);
    int32_t bad = 0;
    for (int32_t i = 0; i < DIAGNOSE_SHARDS * DIAGNOSE_GROUPS; i++) {
        const bool odd = kind == DIAGNOSE_CRC_RECEIVED ? seen[i] != sent[i]
                                                       : seen[i] != seen[(i + 4) % 16] && seen[i] != seen[(i + 8) % 16];
        if (!odd)
            continue;
        *shard = i / DIAGNOSE_GROUPS;
        *group = bad++ ? -1 : i % DIAGNOSE_GROUPS;
    }
    return bad > 0;
}

// Which shard and group the damage is in, as far as step t shows it.
static void place(const struct run *r, int32_t t, int32_t cause, enum feature why, int32_t *shard, int32_t *group) {
    int32_t bad = 0;
    *shard = *group = -1;
    if (cause == DIAGNOSE_DATA)
        for (int32_t s = 0; s < DIAGNOSE_SHARDS; s++)
            if (at(r, t, DIAGNOSE_BIGRAM_NOVEL + s) > 0.2 || at(r, t, DIAGNOSE_REP_FRAC + s) > 0.8)
                *shard = bad++ ? -1 : s;
    if (cause != DIAGNOSE_HARDWARE || blame_checksums(r, t, DIAGNOSE_CRC_RECEIVED, shard, group) ||
        blame_checksums(r, t, DIAGNOSE_CRC_PARAMS, shard, group) || why == LESS_MEAN)
        return;
    if (why == ODD_BUCKET)
        odd_bucket(r, t, shard, group);
    double least = INFINITY, most = -INFINITY;
    for (int32_t g = 0; g < BLOCKS_END && (why == ODD_GROUP || why == ACTIVATION); g++) {
        const double odd = why == ODD_GROUP ? mean(r->odd[g], t - 3, t + 1) - mean(r->odd[g], 10, t - 3)
                                            : (at(r, t, DIAGNOSE_ACT_MAX + g) > 1e6) * (1.0 / (g + 1));
        if (odd > most) {
            most = odd;
            *group = g;
        }
    }
    for (int32_t s = 0; why == ACTIVATION && s < DIAGNOSE_SHARDS; s++)
        if (at(r, t, DIAGNOSE_SHARD_GNORM + s) < least) {
            least = at(r, t, DIAGNOSE_SHARD_GNORM + s);
            *shard = s;
        }
}

// How many steps a feature needs to see before it speaks; -1: what it sees was there from the start.
static int32_t delay_of(enum feature why) {
    static const int32_t delay[FEATURES] = {[ODD_BUCKET] = 1, [PILE] = 3, [CLOSER] = 4, [LOSS_FALL] = 14,
                                            [LOSS_JUMP] = 4, [LESS_MEAN] = 14, [ODD_GROUP] = 3, [FIRST_UPDATE] = -1,
                                            [EARLY_UPDATES] = -1, [PULL] = -1, [GROWTH] = -1, [BLOCK_GROWTH] = -1};
    return delay[why];
}

int diagnose(const struct diagnose_params *p, const float *record, const int32_t *crc, int32_t *cause,
             int32_t *first_step, int32_t *shard, int32_t *group, float *probability) {
    struct run r = {.record = record, .crc = crc, .runs = p->runs, .steps = p->steps,
                    .checksums = p->has_checksums, .updates = p->has_updates};
    for (r.run = 0; r.run < p->runs; r.run++) {
        const struct node *leaf = NULL;
        cause[r.run] = DIAGNOSE_NONE;
        first_step[r.run] = shard[r.run] = group[r.run] = -1;
        r.update_count = 0;
        r.early = r.first = 0;
        for (int32_t t = 0; t < p->steps && cause[r.run] == DIAGNOSE_NONE; t++) {
            double f[FEATURES];
            add_step(&r, t);
            look(&r, t, f);
            leaf = leaf_of(f);
            if (leaf == NULL)
                continue;
            const enum feature why = leaf->feature;
            const int32_t delay = delay_of(why);
            cause[r.run] = likeliest(leaf);
            first_step[r.run] = delay < 0 || t < delay ? 0 : t - delay;
            place(&r, t, cause[r.run], why, &shard[r.run], &group[r.run]);
        }
        const float *share = leaf != NULL ? leaf->probability : r.updates ? all_said_no : all_said_no_without_updates;
        for (int32_t c = 0; c < DIAGNOSE_CAUSES; c++)
            probability[r.run * DIAGNOSE_CAUSES + c] = share[c];
    }
    return 0;
}
