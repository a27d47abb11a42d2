/* SPDX-License-Identifier: MIT */
/* From what the rules found to a diagnosis. */
#include "reference/diagnosis.h"

double trace_at(const struct trace *trace, size_t step, size_t column) {
    return (double)trace->record[(step * trace->runs + trace->run) * TRACE_COLUMNS + column];
}

static const struct finding nothing = {CAUSE_NONE, -1, -1, -1};

/* About as often as the rules are right on runs that they were not made with. What they miss is mostly text in order,
 * and where updates are not shown what they would have said of optimiser and number formats. */
static void spread(const struct trace *trace, enum trace_cause cause, double *probability) {
    static const double healthy[] = {.90, .06, .01, .01, .01, .01}, half_blind[] = {.60, .06, .01, .01, .17, .15};
    const double *share = trace->has_update ? healthy : half_blind;
    for (size_t c = 0; c < TRACE_CAUSES; c++)
        probability[c] = cause == CAUSE_NONE ? share[c] : c == cause ? .95 : .01;
}

/* A drift is looked for before the first event only: whatever moves behind it may be its consequence. */
static void conclude(const struct trace *trace, struct finding event, struct diagnosis *diagnosis) {
    struct trace before = *trace;
    if (event.first >= 0)
        before.steps = (size_t)event.first;
    struct finding drift = diagnosis_drift(&before);
    struct finding f = drift.first >= 0 ? drift : event;
    diagnosis->cause = (int32_t)f.cause;
    diagnosis->first_step = f.first;
    diagnosis->shard = f.shard;
    diagnosis->group = f.group;
    spread(trace, f.cause, diagnosis->probability);
}

void diagnosis_make(const struct trace *trace, struct diagnosis *diagnosis) {
    struct finding event = nothing;
    for (size_t step = 0; step < trace->steps && event.first < 0; step++)
        for (size_t r = 0; r < TRACE_EVENTS && event.first < 0; r++)
            event = trace_event(trace, step, r);
    conclude(trace, event, diagnosis);
}

void diagnosis_by_rules(const struct trace *trace, struct diagnosis *diagnosis) {
    struct finding event = nothing;
    size_t end = trace->steps;
    for (size_t r = 0; r < TRACE_EVENTS; r++)
        for (size_t step = 0; step < end; step++) {
            struct finding f = trace_event(trace, step, r);
            if (f.first < 0)
                continue;
            event = f;
            end = step; /* a later rule must be earlier */
        }
    conclude(trace, event, diagnosis);
}
