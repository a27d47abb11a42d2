/* SPDX-License-Identifier: MIT */
/* What diagnoses are worth: the score of the diagnosis challenge and its parts. Only the truth is asked, so a diagnosis
 * need not be like that of reference/diagnosis.h; and whatever bytes are handed in, there is a score. */
#ifndef REFERENCE_DIAGNOSIS_SCORE_H
#define REFERENCE_DIAGNOSIS_SCORE_H

#include "reference/real.h"

/* Columns of the truth. shard and group are -1 where none or all are concerned, first_step without a fault. */
enum { TRUTH_CAUSE, TRUTH_FIRST_STEP, TRUTH_SHARD, TRUTH_GROUP, TRUTHS };

/* Answers to growing prefixes of some runs. Stage k shows stage_steps*(k+1) steps, the last one `steps` at most. */
struct diagnosis_answers {
    size_t stages, runs;
    int32_t stage_steps, steps;
    const int32_t *cause, *first_step, *shard, *group; /* [stages][runs] */
    const real *probability;                           /* [stages][runs][TRACE_CAUSES] */
    const int32_t *truth;                              /* [runs][TRUTHS] */
    const int32_t *certain;                            /* [runs] not 0: nothing but the truth will do */
};

struct diagnosis_score {
    double sound;   /* share of answers that keep their ranges */
    double certain; /* share of right ones where nothing else will do */
    double score;   /* .45 macro_f1 + .15 localisation + .20 detection + .10 quiet + .10 calibration; at most .5 if
                       quiet is below .95 */
    double macro_f1, localisation, detection, quiet, calibration; /* see diagnosis_score.c */
};

#define diagnosis_judge REAL_FN(diagnosis_judge)

void diagnosis_judge(const struct diagnosis_answers *answers, struct diagnosis_score *score);

#endif
