/* SPDX-License-Identifier: MIT */
/* One row of a telemetry file: a training run with a fault, told step by step, beside its fault-free twin that shows
 * from which step on the fault can be seen. The columns are described in datasets/README.md. */
#ifndef DATASETS_TELEMETRY_RUN_H
#define DATASETS_TELEMETRY_RUN_H

#include "reference/faults.h"
#include "reference/telemetry.h"

enum { RUN_STEPS = 160, RUN_SHARDS = 4, RUN_GROUPS = 4, RUN_COLUMNS = 72, RUN_FAMILIES = 28 };
enum { CRC_SENT, CRC_RECEIVED, CRC_PARAMETERS, CRC_KINDS };
enum {
    LABEL_CAUSE,
    LABEL_FAMILY,
    LABEL_FIRST_STEP,
    LABEL_ONSET,
    LABEL_SHARD,
    LABEL_GROUP,
    LABEL_FP16,
    LABEL_TIER,
    LABEL_COLUMNS
};
enum run_tier { TIER_USUAL, TIER_TWO_FAULTS, TIER_FAINT };

struct run_row {
    float record[RUN_STEPS][RUN_COLUMNS];
    int32_t crc[RUN_STEPS][CRC_KINDS][RUN_SHARDS][RUN_GROUPS];
    int32_t label[LABEL_COLUMNS];
};

/* What to run. The first fault of the list is the one that the label names. */
struct run_plan {
    const struct fault *fault[2]; /* of the catalogue, [1] may be NULL */
    double amplitude;             /* instead of the first fault's own; 0: that */
    int64_t duration;             /* likewise */
    enum run_tier tier;
    uint64_t seed; /* of everything random in it */
};

/* The families of the diagnosis challenge in the order of the catalogue, and the number of one of them. */
const struct fault *run_family(int32_t number);
int32_t run_family_number(const struct fault *fault);

/* Draws runs until one shows what it is for: the fault is seen, with at least 20 steps to go; a healthy run in binary16
 * has had an overflow. Returns 0, or -1 with a sentence in *why. */
int run_make(const struct run_plan *plan, struct run_row *row, const char **why);

#endif
