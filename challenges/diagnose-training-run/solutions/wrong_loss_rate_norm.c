// expect: wrong_answer
// harness: diagnose-training-run
// Looks at the loss, the rate and the norm of the gradient, as many dashboards do. Every fault of the rate is found,
// and little else.
#include "diagnose-training-run.h"

#include <math.h>
#include <stddef.h>

static double at(const struct diagnose_params *p, const float *record, int32_t run, int32_t step, int field) {
    return (double)record[((size_t)step * (size_t)p->runs + (size_t)run) * DIAGNOSE_FIELDS + (size_t)field];
}

static int32_t cause_at(const struct diagnose_params *p, const float *record, int32_t r, int32_t t) {
    const double rate = at(p, record, r, t, DIAGNOSE_LR), loss = at(p, record, r, t, DIAGNOSE_LOSS);
    const double norm = at(p, record, r, t, DIAGNOSE_GRAD_NORM), clip = at(p, record, r, t, DIAGNOSE_CLIP);
    double before = 0;
    if (rate > 0.0016 * (t + 1) ||
        (t > 0 && rate > 1.02 * at(p, record, r, t - 1, DIAGNOSE_LR) * (t + 1) / t))
        return DIAGNOSE_RATE;
    if (!isfinite(loss) || (!isfinite(norm) && clip > 0))
        return DIAGNOSE_NUMBERS;
    if (t < 20)
        return DIAGNOSE_NONE;
    for (int32_t k = t - 15; k < t; k++)
        before += at(p, record, r, k, DIAGNOSE_LOSS) / 15;
    if (isfinite(norm) && norm > 100)
        return DIAGNOSE_HARDWARE;
    if (norm > 5)
        return DIAGNOSE_OPTIMISER;
    return loss > before + 0.75 ? DIAGNOSE_DATA : DIAGNOSE_NONE;
}

int diagnose(const struct diagnose_params *p, const float *record, const int32_t *crc, int32_t *cause,
             int32_t *first_step, int32_t *shard, int32_t *group, float *probability) {
    (void)crc;
    for (int32_t r = 0; r < p->runs; r++) {
        cause[r] = DIAGNOSE_NONE;
        first_step[r] = shard[r] = group[r] = -1;
        for (int32_t t = 0; t < p->steps && cause[r] == DIAGNOSE_NONE; t++) {
            cause[r] = cause_at(p, record, r, t);
            first_step[r] = cause[r] == DIAGNOSE_NONE ? -1 : t;
        }
        for (int32_t c = 0; c < DIAGNOSE_CAUSES; c++)
            probability[r * DIAGNOSE_CAUSES + c] = c == cause[r] ? 0.6f : 0.08f;
    }
    return 0;
}
