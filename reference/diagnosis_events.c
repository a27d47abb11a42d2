/* SPDX-License-Identifier: MIT */
/* Events that one step gives away. Each rule asks about one step, given those before it; the first step at which any
 * rule says yes is the finding, and the order of the table decides between rules of the same step. Comparisons are
 * written so that a NaN is no event of its own: whoever made it is to be found, not what it touched. */
#include "reference/diagnosis.h"

static const struct finding nothing = {CAUSE_NONE, -1, -1, -1};

static struct finding found(enum trace_cause cause, size_t step, int32_t shard, int32_t group) {
    return (struct finding){cause, (int32_t)step, shard, group};
}

static int32_t checksum(const struct trace *trace, size_t step, size_t kind, size_t shard, size_t group) {
    return trace
        ->crc[(((step * trace->runs + trace->run) * TRACE_CHECKSUMS + kind) * TRACE_SHARDS + shard) * TRACE_GROUPS +
              group];
}

static struct finding damaged_transport(const struct trace *trace, size_t step) {
    struct finding f = nothing;
    for (size_t s = 0; trace->has_crc && s < TRACE_SHARDS; s++)
        for (size_t g = 0; g < TRACE_GROUPS; g++)
            if (checksum(trace, step, 0, s, g) != checksum(trace, step, 1, s, g))
                f = found(CAUSE_HARDWARE, step, (int32_t)s, f.first < 0 ? (int32_t)g : -1);
    return f;
}

/* A replica that holds other parameters than two others do. */
static struct finding odd_replica(const struct trace *trace, size_t step) {
    for (size_t g = 0; trace->has_crc && g < TRACE_GROUPS; g++)
        for (size_t s = 0; s < TRACE_SHARDS; s++) {
            int32_t own = checksum(trace, step, 2, s, g);
            int32_t next = checksum(trace, step, 2, (s + 1) % TRACE_SHARDS, g);
            if (own != next && own != checksum(trace, step, 2, (s + 2) % TRACE_SHARDS, g))
                return found(CAUSE_HARDWARE, step, (int32_t)s, (int32_t)g);
        }
    return nothing;
}

/* Binary16 overflows, which is no fault; an overflow that goes into the update is. */
static struct finding overflow_kept(const struct trace *trace, size_t step) {
    bool half = trace_at(trace, step, TRACE_SCALE) > 1;
    bool broken = trace_at(trace, step, TRACE_NONFINITE) > 0;
    return half && broken && trace_at(trace, step, TRACE_SKIPPED) < 0.5 ? found(CAUSE_NUMBERS, step, -1, -1) : nothing;
}

static struct finding scale_up(const struct trace *trace, size_t step) {
    if (step == 0 || trace_at(trace, step - 1, TRACE_SKIPPED) < 0.5)
        return nothing;
    return trace_at(trace, step, TRACE_SCALE) > trace_at(trace, step - 1, TRACE_SCALE)
               ? found(CAUSE_NUMBERS, step, -1, -1)
               : nothing;
}

/* What is stored is what was intended, unless the storage cannot hold it. */
static struct finding coarse_weights(const struct trace *trace, size_t step) {
    for (size_t g = 0; trace->has_update && g < TRACE_GROUPS; g++) {
        double intended = trace_at(trace, step, TRACE_UN + g), stored = trace_at(trace, step, TRACE_DW + g);
        if (fabs(stored - intended) > 0.01 * intended)
            return found(CAUSE_NUMBERS, step, -1, -1);
    }
    return nothing;
}

/* A flipped exponent bit in a weight: its replica's stream is drowned, so that almost no gradient comes out of it. */
static struct finding drowned_stream(const struct trace *trace, size_t step) {
    for (size_t g = 0; g + 1 < TRACE_GROUPS; g++) {
        if (!(trace_at(trace, step, TRACE_ACT_MAX + g) > 1e6))
            continue;
        size_t least = 0;
        for (size_t s = 1; s < TRACE_SHARDS; s++)
            if (trace_at(trace, step, TRACE_SHARD_GNORM + s) < trace_at(trace, step, TRACE_SHARD_GNORM + least))
                least = s;
        return found(CAUSE_HARDWARE, step, (int32_t)least, (int32_t)g);
    }
    return nothing;
}

double trace_shard_mean(const struct trace *trace, size_t step, size_t group) {
    double sum = 0;
    for (size_t s = 0; s < TRACE_SHARDS; s++)
        sum += trace_at(trace, step, TRACE_SHARD_GN + s * TRACE_GROUPS + group);
    return sum / TRACE_SHARDS;
}

/* Noise of a constant size relative to its shard gives away whose bucket it took the place of: the shard for which the
 * ratio of mean to bucket moves least. */
static size_t steadiest_shard(const struct trace *trace, size_t step, size_t group) {
    size_t best = 0, end = step + 10 < trace->steps ? step + 10 : trace->steps;
    double least = INFINITY, count = (double)(end - step);
    for (size_t s = 0; s < TRACE_SHARDS; s++) {
        double sum = 0, squares = 0;
        for (size_t t = step; t < end; t++) {
            double bucket = trace_at(trace, t, TRACE_SHARD_GN + s * TRACE_GROUPS + group);
            double ratio = log(trace_at(trace, t, TRACE_GN + group) / bucket);
            sum += ratio;
            squares += ratio * ratio;
        }
        double variance = squares / count - sum * sum / count / count;
        if (variance < least) {
            least = variance;
            best = s;
        }
    }
    return best;
}

/* The norm of a mean is at most the mean of the norms: what came out of the all-reduce is not what went in. */
static struct finding triangle(const struct trace *trace, size_t step) {
    bool overflow = trace_at(trace, step, TRACE_NONFINITE) > 0;
    for (size_t g = 0; g < TRACE_GROUPS && !overflow; g++)
        if (trace_at(trace, step, TRACE_GN + g) > 1.02 * trace_shard_mean(trace, step, g))
            return found(CAUSE_HARDWARE, step, (int32_t)steadiest_shard(trace, step, g), (int32_t)g);
    return nothing;
}

/* By how much a shard's bucket is larger than the other shards', beyond what its other buckets are. */
static double excess(const struct trace *trace, size_t step, size_t shard, size_t group) {
    double own = 0, others = 0;
    for (size_t g = 0; g + 1 < TRACE_GROUPS; g++) {
        double norm = trace_at(trace, step, TRACE_SHARD_GN + shard * TRACE_GROUPS + g);
        double ratio = norm * (TRACE_SHARDS - 1) / (TRACE_SHARDS * trace_shard_mean(trace, step, g) - norm);
        if (g == group)
            own = ratio;
        else
            others += ratio / (TRACE_GROUPS - 2);
    }
    return own > 1.3 ? own / others : 0;
}

/* One bucket is far too large, or two times in a row larger than batches can make it. */
static struct finding odd_bucket(const struct trace *trace, size_t step) {
    for (size_t s = 0; s < TRACE_SHARDS; s++)
        for (size_t g = 0; g + 1 < TRACE_GROUPS; g++) {
            double now = excess(trace, step, s, g);
            if (now > 4)
                return found(CAUSE_HARDWARE, step, (int32_t)s, (int32_t)g);
            if (now > 2.1 && step > 0 && excess(trace, step - 1, s, g) > 2.1)
                return found(CAUSE_HARDWARE, step - 1, (int32_t)s, (int32_t)g);
        }
    return nothing;
}

/* Slow ones too: against the lowest rate since the highest. */
static struct finding rise_after_fall(const struct trace *trace, size_t step) {
    double most = 0, least = 0;
    size_t lowest = 0;
    for (size_t t = 0; t < step; t++) {
        double r = trace_at(trace, t, TRACE_RATE);
        if (r > most)
            most = least = r;
        if (r <= least) {
            least = r;
            lowest = t;
        }
    }
    bool risen = most > 1.5 * least && trace_at(trace, step, TRACE_RATE) > 1.01 * least;
    return risen ? found(CAUSE_RATE, lowest + 1, -1, -1) : nothing;
}

/* The rate may rise while it warms up, by equal amounts from zero, and never after it has fallen. */
static struct finding rate(const struct trace *trace, size_t step) {
    double now = trace_at(trace, step, TRACE_RATE), before = step > 0 ? trace_at(trace, step - 1, TRACE_RATE) : now;
    double first = trace_at(trace, 0, TRACE_RATE);
    if (step == 0)
        return now > 0.0016 ? found(CAUSE_RATE, 0, -1, -1) : nothing;
    if (step == 1 && now < 1.5 * before)
        return found(CAUSE_RATE, 0, -1, -1);
    if (now > 1.01 * before * (double)(step + 1) / (double)step || now > 1.01 * first * (double)(step + 1))
        return found(CAUSE_RATE, step, -1, -1);
    return now > before ? rise_after_fall(trace, step) : nothing;
}

/* Text that the trainer has never read. By step 30 nearly every pair of the grammar has been. */
static struct finding strange_text(const struct trace *trace, size_t step) {
    size_t count = 0, shard = 0;
    for (size_t s = 0; step >= 32 && s < TRACE_SHARDS; s++) {
        double novel = trace_at(trace, step, TRACE_BIGRAM_NOVEL + s);
        if (novel > (step < 45 ? 0.3 : 0.23) || trace_at(trace, step, TRACE_REP_FRAC + s) > 0.8) {
            count++;
            shard = s;
        }
    }
    return count ? found(CAUSE_DATA, step, count == 1 ? (int32_t)shard : -1, -1) : nothing;
}

/* Elements of the groups' parameters, for the size of an update relative to the rate. */
static const double elements[TRACE_GROUPS] = {768, 3280, 3280, 32};

/* Once warmed up, an element moves by a fraction of the rate, whatever the gradient: only a second moment that is gone
 * lets it move by more. The change of a norm is a lower bound where the update is not shown. */
static struct finding lost_moment(const struct trace *trace, size_t step) {
    if (step < 5)
        return nothing;
    for (size_t g = 0; g + 1 < TRACE_GROUPS; g++) {
        double unit = trace_at(trace, step, TRACE_RATE) * sqrt(elements[g]);
        double moved = trace->has_update ? trace_at(trace, step, TRACE_UN + g)
                       : step + 1 < trace->steps
                           ? trace_at(trace, step + 1, TRACE_PN + g) - trace_at(trace, step, TRACE_PN + g)
                           : 0;
        if (moved > 1.2 * unit)
            return found(CAUSE_OPTIMISER, step, -1, -1);
    }
    return nothing;
}

struct finding trace_event(const struct trace *trace, size_t step, size_t rule) {
    static struct finding (*const rules[TRACE_EVENTS])(const struct trace *, size_t) = {
        damaged_transport, odd_replica, overflow_kept,  scale_up,   coarse_weights, rate,
        strange_text,      triangle,    drowned_stream, odd_bucket, lost_moment,
    };
    return rules[rule](trace, step);
}
