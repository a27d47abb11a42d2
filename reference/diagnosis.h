/* SPDX-License-Identifier: MIT */
/* What went wrong in a training run, told from its telemetry alone: rules that rest on identities a healthy run cannot
 * break, and a few that rest on how far healthy runs stray. Made for the runs of the diagnosis challenge
 * (reference/faults.h names the families); the columns are those of struct step_record with four shards and groups. */
#ifndef REFERENCE_DIAGNOSIS_H
#define REFERENCE_DIAGNOSIS_H

#include <stdbool.h>

#include "reference/real.h"

enum { TRACE_SHARDS = 4, TRACE_GROUPS = 4, TRACE_CHECKSUMS = 3, TRACE_CAUSES = 6, TRACE_STEPS_MAX = 512 };

enum trace_cause { CAUSE_NONE, CAUSE_DATA, CAUSE_RATE, CAUSE_HARDWARE, CAUSE_OPTIMISER, CAUSE_NUMBERS };

/* Columns of a record. A column for shards or groups is the first of four; TRACE_SHARD_GN of four times four. */
enum trace_column {
    TRACE_SKIPPED,
    TRACE_NONFINITE,
    TRACE_LOSS,
    TRACE_RATE,
    TRACE_GRAD_NORM,
    TRACE_CLIP,
    TRACE_SCALE,
    TRACE_LOGIT_MAX,
    TRACE_SHARD_LOSS,
    TRACE_SHARD_GNORM = 12,
    TRACE_SHARD_GN = 16,
    TRACE_GN = 32,
    TRACE_PN = 36,
    TRACE_UN = 40,
    TRACE_DW = 44,
    TRACE_ACT_MAX = 48,
    TRACE_TOK_ENTROPY = 52,
    TRACE_TOK_DISTINCT = 56,
    TRACE_TOK_KL = 60,
    TRACE_REP_FRAC = 64,
    TRACE_BIGRAM_NOVEL = 68,
    TRACE_COLUMNS = 72
};

/* Steps 0 .. steps-1 of run `run`; steps <= TRACE_STEPS_MAX. */
struct trace {
    const real *record; /* [steps][runs][TRACE_COLUMNS] */
    const int32_t *crc; /* [steps][runs][TRACE_CHECKSUMS][TRACE_SHARDS][TRACE_GROUPS]: sent, received, parameters */
    size_t steps, runs, run;
    bool has_crc, has_update; /* else crc, or the columns TRACE_UN and TRACE_DW, hold zeros */
};

struct diagnosis {
    int32_t cause, first_step, shard, group; /* -1 for all three of a healthy run; shard and group: or all of them */
    double probability[TRACE_CAUSES];
};

#define trace_at           REAL_FN(trace_at)
#define trace_shard_mean   REAL_FN(trace_shard_mean)
#define trace_event        REAL_FN(trace_event)
#define diagnosis_make     REAL_FN(diagnosis_make)
#define diagnosis_by_rules REAL_FN(diagnosis_by_rules)
#define diagnosis_drift    REAL_FN(diagnosis_drift)

/* A function of the steps shown and of nothing else. Steps that follow may change it. */
void diagnosis_make(const struct trace *trace, struct diagnosis *diagnosis);

/* The same, computed in another order: each rule is asked about all steps before the next one is looked at. */
void diagnosis_by_rules(const struct trace *trace, struct diagnosis *diagnosis);

/* What a rule found: first < 0 for nothing. */
struct finding {
    enum trace_cause cause;
    int32_t first, shard, group;
};

enum { TRACE_EVENTS = 11 };

double trace_at(const struct trace *trace, size_t step, size_t column);

/* The mean over the shards of one group's gradient norm. */
double trace_shard_mean(const struct trace *trace, size_t step, size_t group);

/* Does event `rule`, one of TRACE_EVENTS, show at this step? Of two at the same step the one of the lower number
 * counts. (diagnosis_events.c) */
struct finding trace_event(const struct trace *trace, size_t step, size_t rule);

/* What only many steps give away. (diagnosis_drift.c) */
struct finding diagnosis_drift(const struct trace *trace);

#endif
