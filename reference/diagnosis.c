/* SPDX-License-Identifier: MIT */
/* From what the rules found to a diagnosis. */
#include "reference/diagnosis.h"

double trace_at(const struct trace *trace, size_t step, size_t column) {
    return (double)trace->record[(step * trace->runs + trace->run) * TRACE_COLUMNS + column];
}

/* How often the rules were right on runs that they were not made with. Without a finding the chance of a fault that is
 * still to come grows small as steps go by; what stays unseen is mostly the optimiser's. */
static void spread(const struct trace *trace, enum trace_cause cause, double *probability) {
    double sure = cause == CAUSE_NONE ? 0.85 : 0.97;
    for (size_t c = 0; c < TRACE_CAUSES; c++)
        probability[c] = c == cause ? sure : (1 - sure) / (TRACE_CAUSES - 1);
    (void)trace;
}

/* A drift is looked for before the first sudden event only: whatever moves behind it may be its consequence. */
void diagnosis_make(const struct trace *trace, struct diagnosis *diagnosis) {
    struct finding found = diagnosis_sudden(trace);
    struct trace before = *trace;
    if (found.first >= 0)
        before.steps = (size_t)found.first;
    struct finding drift = diagnosis_slow(&before);
    if (drift.first >= 0)
        found = drift;
    if (found.first < 0)
        found = (struct finding){CAUSE_NONE, -1, -1, -1};
    diagnosis->cause = (int32_t)found.cause;
    diagnosis->first_step = found.first;
    diagnosis->shard = found.shard;
    diagnosis->group = found.group;
    spread(trace, found.cause, diagnosis->probability);
}
