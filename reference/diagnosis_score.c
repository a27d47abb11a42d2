/* SPDX-License-Identifier: MIT */
#include "reference/diagnosis_score.h"

#include <stdbool.h>

#include "reference/diagnosis.h"

static const int32_t *truth_of(const struct diagnosis_answers *a, size_t run) {
    return a->truth + run * TRUTHS;
}

/* Steps that a stage shows. */
static int32_t shown_at(const struct diagnosis_answers *a, size_t stage) {
    int32_t steps = (int32_t)(stage + 1) * a->stage_steps;
    return steps < a->steps ? steps : a->steps;
}

/* Rules of the contract; the comparisons refuse NaN. */
static bool is_sound(const struct diagnosis_answers *a, size_t stage, size_t run) {
    size_t i = stage * a->runs + run;
    int32_t cause = a->cause[i], first = a->first_step[i], steps = shown_at(a, stage);
    const real *probability = a->probability + i * TRACE_CAUSES;
    if (cause < 0 || cause >= TRACE_CAUSES)
        return false;
    bool placed = cause == CAUSE_NONE
                      ? first == -1 && a->shard[i] == -1 && a->group[i] == -1
                      : first >= 0 && first < steps && a->shard[i] >= -1 && a->shard[i] < TRACE_SHARDS &&
                            a->group[i] >= -1 && a->group[i] < TRACE_GROUPS;
    double sum = 0;
    bool ranked = true;
    for (size_t c = 0; c < TRACE_CAUSES; c++) {
        ranked = ranked && probability[c] >= 0 && (c == (size_t)cause || probability[c] < probability[cause]);
        sum += (double)probability[c];
    }
    return placed && ranked && fabs(sum - 1) <= 1e-4;
}

static double share_of_sound(const struct diagnosis_answers *a) {
    size_t sound = 0, count = a->stages * a->runs;
    for (size_t k = 0; k < a->stages; k++)
        for (size_t r = 0; r < a->runs; r++)
            sound += is_sound(a, k, r);
    return count ? (double)sound / (double)count : 1;
}

/* Where the evidence was planted, nothing but the whole truth will do, at every stage. */
static double share_of_certain(const struct diagnosis_answers *a) {
    size_t right = 0, asked = 0;
    for (size_t k = 0; k < a->stages; k++)
        for (size_t r = 0; r < a->runs; r++) {
            const int32_t *truth = truth_of(a, r);
            size_t i = k * a->runs + r;
            if (a->certain[r] == 0)
                continue;
            asked++;
            right += truth[TRUTH_FIRST_STEP] < shown_at(a, k)
                         ? a->cause[i] == truth[TRUTH_CAUSE] && a->first_step[i] == truth[TRUTH_FIRST_STEP] &&
                               a->shard[i] == truth[TRUTH_SHARD] && a->group[i] == truth[TRUTH_GROUP]
                         : a->cause[i] == CAUSE_NONE;
        }
    return asked ? (double)right / (double)asked : 1;
}

/* The mean over the causes that occur of the harmonic mean of precision and recall, at the last stage. */
static double macro_f1(const struct diagnosis_answers *a) {
    double sum = 0;
    int causes = 0;
    for (int32_t c = 0; c < TRACE_CAUSES; c++) {
        size_t both = 0, either = 0, there = 0;
        for (size_t r = 0; r < a->runs; r++) {
            bool is = truth_of(a, r)[TRUTH_CAUSE] == c, said = a->cause[(a->stages - 1) * a->runs + r] == c;
            both += is && said;
            either += (size_t)is + (size_t)said;
            there += is;
        }
        if (there == 0)
            continue;
        sum += 2 * (double)both / (double)either;
        causes++;
    }
    return causes ? sum / causes : 1;
}

/* Of the faults with the right cause: step within 5, shard and group exact. */
static double localisation(const struct diagnosis_answers *a) {
    size_t right = 0, asked = 0;
    for (size_t r = 0; r < a->runs; r++) {
        const int32_t *truth = truth_of(a, r);
        size_t i = (a->stages - 1) * a->runs + r;
        if (truth[TRUTH_CAUSE] == CAUSE_NONE || a->cause[i] != truth[TRUTH_CAUSE])
            continue;
        right += fabs((double)a->first_step[i] - (double)truth[TRUTH_FIRST_STEP]) <= 5;
        right += a->shard[i] == truth[TRUTH_SHARD];
        right += a->group[i] == truth[TRUTH_GROUP];
        asked += 3;
    }
    return asked ? (double)right / (double)asked : 0;
}

/* How soon the right cause is said for good: 1 at once, 0 after 50 steps. */
static double detection(const struct diagnosis_answers *a) {
    double sum = 0;
    size_t faults = 0;
    for (size_t r = 0; r < a->runs; r++) {
        const int32_t *truth = truth_of(a, r);
        if (truth[TRUTH_CAUSE] == CAUSE_NONE)
            continue;
        faults++;
        size_t from = a->stages;
        while (from > 0 && a->cause[(from - 1) * a->runs + r] == truth[TRUTH_CAUSE])
            from--;
        double late = (double)shown_at(a, from) - truth[TRUTH_FIRST_STEP];
        if (from < a->stages)
            sum += fmin(1, fmax(0, 1 - late / 50));
    }
    return faults ? sum / (double)faults : 1;
}

/* Share of the prefixes without a fault in which none is said to be. */
static double quiet(const struct diagnosis_answers *a) {
    size_t clean = 0, silent = 0;
    for (size_t k = 0; k < a->stages; k++)
        for (size_t r = 0; r < a->runs; r++) {
            const int32_t *truth = truth_of(a, r);
            bool yet = truth[TRUTH_CAUSE] != CAUSE_NONE && truth[TRUTH_FIRST_STEP] < shown_at(a, k);
            clean += !yet;
            silent += !yet && a->cause[k * a->runs + r] == CAUSE_NONE;
        }
    return clean ? (double)silent / (double)clean : 1;
}

/* 1 - Brier score at the last stage / that of giving each cause the same probability. */
static double calibration(const struct diagnosis_answers *a) {
    double sum = 0, uniform = 0;
    for (size_t r = 0; r < a->runs; r++)
        for (size_t c = 0; c < TRACE_CAUSES; c++) {
            double is = truth_of(a, r)[TRUTH_CAUSE] == (int32_t)c;
            double said = (double)a->probability[((a->stages - 1) * a->runs + r) * TRACE_CAUSES + c];
            sum += said >= 0 && said <= 1 ? (said - is) * (said - is) : 1;
            uniform += (1.0 / TRACE_CAUSES - is) * (1.0 / TRACE_CAUSES - is);
        }
    return uniform > 0 ? 1 - sum / uniform : 1;
}

void diagnosis_judge(const struct diagnosis_answers *a, struct diagnosis_score *s) {
    s->sound = share_of_sound(a);
    s->certain = share_of_certain(a);
    s->macro_f1 = macro_f1(a);
    s->localisation = localisation(a);
    s->detection = detection(a);
    s->quiet = quiet(a);
    s->calibration = calibration(a);
    s->score =
        0.45 * s->macro_f1 + 0.15 * s->localisation + 0.20 * s->detection + 0.10 * s->quiet + 0.10 * s->calibration;
    if (!(s->quiet >= 0.95) && s->score > 0.5)
        s->score = 0.5;
}
