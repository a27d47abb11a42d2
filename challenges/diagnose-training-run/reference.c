/* SPDX-License-Identifier: MIT */
/* The diagnosis by rules (reference/diagnosis.h), the traces that cases show, and the score
 * (reference/diagnosis_score.h).
 *
 * A case's secrets hold rows of a data set (datasets/README.md): whole runs with their truth. generate_trace() makes of
 * them what is shown, so that no trace repeats what a solution could have stored: shards change places, checksums go
 * through a keyed bijection, numbers move by a ten-thousandth, and the end may be cut off. */
#include "diagnose-training-run.h"

#include "reference/diagnosis.h"
#include "reference/diagnosis_score.h"

enum { ROW_STEPS = 160, CRC_COUNT = DIAGNOSE_CRCS * DIAGNOSE_SHARDS * DIAGNOSE_GROUPS, STAGE_STEPS = 5 };
enum { LABEL_CAUSE, LABEL_FAMILY, LABEL_FIRST_STEP, LABEL_ONSET, LABEL_SHARD, LABEL_GROUP, LABELS = 8 };

/* What generate_certain() plants in a healthy run: evidence that leaves no doubt, to the step. */
enum plan {
    PLAN_AS_IT_IS,
    PLAN_BUCKET,  /* one bucket changes on the wire */
    PLAN_WIRE,    /* all buckets of a shard do */
    PLAN_REPLICA, /* one replica's parameters of a group differ from then on */
    PLAN_KEPT,    /* the first overflow is not skipped */
    PLAN_SCALE,   /* the first overflow raises the loss scale */
    PLAN_RATE,    /* the rate is four times as high from then on */
    PLAN_PADDING, /* a shard reads padding, once */
    PLAN_STORED   /* less than the update is stored, from then on */
};

_Static_assert((int)DIAGNOSE_FIELDS == (int)TRACE_COLUMNS && (int)DIAGNOSE_UN == (int)TRACE_UN &&
                   (int)DIAGNOSE_SHARD_GN == (int)TRACE_SHARD_GN &&
                   (int)DIAGNOSE_BIGRAM_NOVEL == (int)TRACE_BIGRAM_NOVEL && (int)DIAGNOSE_NUMBERS == (int)CAUSE_NUMBERS,
               "the contract's columns and causes are those of the rules");

static void diagnose_all(const struct diagnose_params *p, const real *record, const int32_t *crc,
                         void (*make)(const struct trace *, struct diagnosis *), int32_t *cause, int32_t *first_step,
                         int32_t *shard, int32_t *group, real *probability) {
    struct trace trace = {.record = record,
                          .crc = crc,
                          .steps = (size_t)p->steps,
                          .runs = (size_t)p->runs,
                          .has_crc = p->has_checksums != 0,
                          .has_update = p->has_updates != 0};
    for (trace.run = 0; trace.run < trace.runs; trace.run++) {
        struct diagnosis d;
        make(&trace, &d);
        cause[trace.run] = d.cause;
        first_step[trace.run] = d.first_step;
        shard[trace.run] = d.shard;
        group[trace.run] = d.group;
        for (size_t c = 0; c < DIAGNOSE_CAUSES; c++)
            probability[trace.run * DIAGNOSE_CAUSES + c] = (real)d.probability[c];
    }
}

int reference_diagnose(const struct diagnose_params *p, const real *record, const int32_t *crc, int32_t *cause,
                       int32_t *first_step, int32_t *shard, int32_t *group, real *probability, const real *row,
                       const int32_t *row_crc, const int32_t *row_label, const int64_t *key, const int32_t *plan,
                       const int32_t *truth) {
    (void)row, (void)row_crc, (void)row_label, (void)key, (void)plan, (void)truth;
    diagnose_all(p, record, crc, diagnosis_make, cause, first_step, shard, group, probability);
    return 0;
}

int plain_diagnose(const struct diagnose_params *p, const real *record, const int32_t *crc, int32_t *cause,
                   int32_t *first_step, int32_t *shard, int32_t *group, real *probability, const real *row,
                   const int32_t *row_crc, const int32_t *row_label, const int64_t *key, const int32_t *plan,
                   const int32_t *truth) {
    (void)row, (void)row_crc, (void)row_label, (void)key, (void)plan, (void)truth;
    diagnose_all(p, record, crc, diagnosis_by_rules, cause, first_step, shard, group, probability);
    return 0;
}

/* A stream of words from a key (SplitMix64, Steele, Lea and Flood 2014). */
static uint64_t next_word(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* About N(0, 1): the sum of four uniforms. */
static double next_normal(uint64_t *state) {
    uint64_t word = next_word(state);
    double sum = 0;
    for (int i = 0; i < 4; i++, word >>= 16)
        sum += (double)(word & 0xffff) * 0x1p-16 - 0.5;
    return sum * sqrt(3);
}

static bool is_by_shard(size_t column) {
    return (column >= DIAGNOSE_SHARD_LOSS && column < DIAGNOSE_SHARD_GN) || column >= DIAGNOSE_TOK_ENTROPY;
}

/* Counts, flags and powers of two are what they are. */
static bool is_exact(size_t column) {
    return column == DIAGNOSE_SKIPPED || column == DIAGNOSE_NONFINITE || column == DIAGNOSE_CLIP ||
           column == DIAGNOSE_LOSS_SCALE || (column >= DIAGNOSE_TOK_DISTINCT && column < DIAGNOSE_TOK_KL);
}

/* The column of the row that column `to` shows when shard s is shown in the place from[s]. */
static size_t source_column(size_t to, const size_t *from) {
    if (to >= DIAGNOSE_SHARD_GN && to < DIAGNOSE_GN) {
        size_t place = to - DIAGNOSE_SHARD_GN;
        return DIAGNOSE_SHARD_GN + from[place / DIAGNOSE_GROUPS] * DIAGNOSE_GROUPS + place % DIAGNOSE_GROUPS;
    }
    return is_by_shard(to) ? to - to % DIAGNOSE_SHARDS + from[to % DIAGNOSE_SHARDS] : to;
}

static int32_t disguise(int32_t crc, uint64_t key) {
    uint32_t x = (uint32_t)crc ^ (uint32_t)key;
    x = (x ^ x >> 16) * ((uint32_t)(key >> 32) | 1);
    x = (x ^ x >> 15) * UINT32_C(0x2c1b3c6d);
    return (int32_t)(x ^ x >> 16);
}

static void show_step(const struct diagnose_params *p, const real *row, const int32_t *row_crc, const size_t *from,
                      uint64_t crc_key, uint64_t *noise, real *record, int32_t *crc) {
    for (size_t c = 0; c < DIAGNOSE_FIELDS; c++) {
        bool hidden = !p->has_updates && c >= DIAGNOSE_UN && c < DIAGNOSE_ACT_MAX;
        double factor = 1 + 1e-4 * next_normal(noise);
        record[c] = hidden ? 0 : row[source_column(c, from)] * (is_exact(c) ? 1 : (real)factor);
    }
    for (size_t i = 0; i < CRC_COUNT; i++) {
        size_t kind = i / (DIAGNOSE_SHARDS * DIAGNOSE_GROUPS), s = i / DIAGNOSE_GROUPS % DIAGNOSE_SHARDS;
        size_t source = (kind * DIAGNOSE_SHARDS + from[s]) * DIAGNOSE_GROUPS + i % DIAGNOSE_GROUPS;
        crc[i] = p->has_checksums ? disguise(row_crc[source], crc_key) : 0;
    }
}

/* The outputs are there because a generator gets every argument. */
int generate_trace(const struct diagnose_params *p, real *record, int32_t *crc, int32_t *cause, int32_t *first_step,
                   int32_t *shard, int32_t *group, real *probability, real *row, int32_t *row_crc, int32_t *row_label,
                   int64_t *key, int32_t *plan, int32_t *truth) {
    (void)cause, (void)first_step, (void)shard, (void)group, (void)probability, (void)plan;
    size_t runs = (size_t)p->runs;
    for (size_t r = 0; r < runs; r++) {
        uint64_t state = (uint64_t)key[0] ^ (uint64_t)r << 40;
        size_t from[DIAGNOSE_SHARDS] = {0, 1, 2, 3};
        for (size_t s = DIAGNOSE_SHARDS; s-- > 1;) {
            size_t other = next_word(&state) % (s + 1), held = from[s];
            from[s] = from[other];
            from[other] = held;
        }
        uint64_t crc_key = next_word(&state);
        for (size_t t = 0; t < (size_t)p->steps; t++)
            show_step(p, row + (r * ROW_STEPS + t) * DIAGNOSE_FIELDS, row_crc + (r * ROW_STEPS + t) * CRC_COUNT, from,
                      crc_key, &state, record + (t * runs + r) * DIAGNOSE_FIELDS, crc + (t * runs + r) * CRC_COUNT);
        const int32_t *label = row_label + r * LABELS;
        int32_t *answer = truth + r * TRUTHS;
        answer[TRUTH_CAUSE] = label[LABEL_CAUSE];
        answer[TRUTH_FIRST_STEP] = label[LABEL_FIRST_STEP];
        answer[TRUTH_GROUP] = label[LABEL_GROUP];
        answer[TRUTH_SHARD] = -1;
        for (size_t s = 0; s < DIAGNOSE_SHARDS; s++)
            if (label[LABEL_SHARD] == (int32_t)from[s])
                answer[TRUTH_SHARD] = (int32_t)s;
    }
    return 0;
}

/* A run's part of what is shown. */
struct shown {
    real *record;
    int32_t *crc;
    size_t runs, run, steps;
};

static real *record_of(const struct shown *to, size_t step) {
    return to->record + (step * to->runs + to->run) * DIAGNOSE_FIELDS;
}

static int32_t *crc_of(const struct shown *to, size_t step, size_t kind) {
    return to->crc + (step * to->runs + to->run) * CRC_COUNT + kind * DIAGNOSE_SHARDS * DIAGNOSE_GROUPS;
}

static size_t first_overflow(const struct shown *to) {
    size_t step = 0;
    while (step + 2 < to->steps && !(record_of(to, step)[DIAGNOSE_SKIPPED] > 0))
        step++;
    return step;
}

static void plant_checksums(const struct shown *to, enum plan plan, size_t step, size_t shard, size_t group,
                            uint64_t noise) {
    size_t kind = plan == PLAN_REPLICA ? DIAGNOSE_CRC_PARAMS : DIAGNOSE_CRC_RECEIVED;
    size_t end = plan == PLAN_REPLICA ? to->steps : step + 1;
    for (size_t t = step; t < end; t++)
        for (size_t g = 0; g < DIAGNOSE_GROUPS; g++)
            if (plan == PLAN_WIRE || g == group)
                crc_of(to, t, kind)[shard * DIAGNOSE_GROUPS + g] ^= (int32_t)(noise >> 33 | 1);
}

static void plant_numbers(const struct shown *to, enum plan plan, size_t step, size_t shard) {
    real *r = record_of(to, step);
    if (plan == PLAN_KEPT)
        r[DIAGNOSE_SKIPPED] = 0;
    if (plan == PLAN_SCALE)
        r[DIAGNOSE_LOSS_SCALE] = 2 * record_of(to, step - 1)[DIAGNOSE_LOSS_SCALE];
    if (plan == PLAN_PADDING) {
        r[DIAGNOSE_TOK_ENTROPY + shard] = 0;
        r[DIAGNOSE_TOK_DISTINCT + shard] = 1;
        r[DIAGNOSE_REP_FRAC + shard] = (real)0.9375;
        r[DIAGNOSE_BIGRAM_NOVEL + shard] = 1;
    }
    for (size_t t = step; t < to->steps; t++) {
        record_of(to, t)[DIAGNOSE_LR] *= plan == PLAN_RATE ? 4 : 1;
        for (size_t g = 0; plan == PLAN_STORED && g < DIAGNOSE_GROUPS; g++)
            record_of(to, t)[DIAGNOSE_DW + g] *= (real)0.6;
    }
}

static void plant(const struct shown *to, enum plan plan, uint64_t *state, int32_t *truth) {
    static const enum diagnose_cause cause[] = {
        [PLAN_BUCKET] = DIAGNOSE_HARDWARE, [PLAN_WIRE] = DIAGNOSE_HARDWARE, [PLAN_REPLICA] = DIAGNOSE_HARDWARE,
        [PLAN_KEPT] = DIAGNOSE_NUMBERS,    [PLAN_SCALE] = DIAGNOSE_NUMBERS, [PLAN_RATE] = DIAGNOSE_RATE,
        [PLAN_PADDING] = DIAGNOSE_DATA,    [PLAN_STORED] = DIAGNOSE_NUMBERS};
    size_t step = to->steps < 110 ? 0 : 40 + next_word(state) % 60;
    size_t shard = next_word(state) % DIAGNOSE_SHARDS, group = next_word(state) % (DIAGNOSE_GROUPS - 1);
    bool wire = plan == PLAN_BUCKET || plan == PLAN_WIRE || plan == PLAN_REPLICA;
    if (plan == PLAN_KEPT || plan == PLAN_SCALE)
        step = first_overflow(to) + (plan == PLAN_SCALE);
    if (wire)
        plant_checksums(to, plan, step, shard, group, next_word(state));
    else
        plant_numbers(to, plan, step, shard);
    truth[TRUTH_CAUSE] = (int32_t)cause[plan];
    truth[TRUTH_FIRST_STEP] = (int32_t)step;
    truth[TRUTH_SHARD] = wire || plan == PLAN_PADDING ? (int32_t)shard : -1;
    truth[TRUTH_GROUP] = plan == PLAN_BUCKET || plan == PLAN_REPLICA ? (int32_t)group : -1;
}

/* The first rows of a file are healthy runs: one as usual, one in binary16, one with a stretch of one topic. */
int generate_certain(const struct diagnose_params *p, real *record, int32_t *crc, int32_t *cause, int32_t *first_step,
                     int32_t *shard, int32_t *group, real *probability, real *row, int32_t *row_crc, int32_t *row_label,
                     int64_t *key, int32_t *plan, int32_t *truth) {
    int status = generate_trace(p, record, crc, cause, first_step, shard, group, probability, row, row_crc, row_label,
                                key, plan, truth);
    uint64_t state = ~(uint64_t)key[0];
    for (size_t r = 0; r < (size_t)p->runs; r++) {
        const struct shown to = {record, crc, (size_t)p->runs, r, (size_t)p->steps};
        if (plan[r] != PLAN_AS_IT_IS)
            plant(&to, (enum plan)plan[r], &state, truth + r * TRUTHS);
    }
    return status;
}

int measure_diagnose(const struct diagnose_params *p, const real *record, const int32_t *crc, const int32_t *cause,
                     const int32_t *first_step, const int32_t *shard, const int32_t *group, const real *probability,
                     const real *row, const int32_t *row_crc, const int32_t *row_label, const int64_t *key,
                     const int32_t *plan, const int32_t *truth, double *sound, double *certain, double *score,
                     double *macro_f1, double *localisation, double *detection, double *quiet, double *calibration) {
    (void)record, (void)crc, (void)row, (void)row_crc, (void)row_label, (void)key;
    const struct diagnosis_answers a = {.stages = p->steps < STAGE_STEPS ? 1 : (size_t)p->steps / STAGE_STEPS,
                                        .stage_steps = STAGE_STEPS,
                                        .runs = (size_t)p->runs,
                                        .steps = p->steps,
                                        .cause = cause,
                                        .first_step = first_step,
                                        .shard = shard,
                                        .group = group,
                                        .certain = plan,
                                        .truth = truth,
                                        .probability = probability};
    struct diagnosis_score s;
    diagnosis_judge(&a, &s);
    *sound = s.sound;
    *certain = s.certain;
    *score = s.score;
    *macro_f1 = s.macro_f1;
    *localisation = s.localisation;
    *detection = s.detection;
    *quiet = s.quiet;
    *calibration = s.calibration;
    return 0;
}
