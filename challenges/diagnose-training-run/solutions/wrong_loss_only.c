// expect: wrong_answer
// harness: diagnose-training-run
// Looks at the loss alone: a jump is bad data, a NaN is a bad number, a loss that does not fall is a bad optimiser.
#include "diagnose-training-run.h"

#include <math.h>
#include <stddef.h>

int diagnose(const struct diagnose_params *p, const float *record, const int32_t *crc, int32_t *cause,
             int32_t *first_step, int32_t *shard, int32_t *group, float *probability) {
    (void)crc;
    for (int32_t r = 0; r < p->runs; r++) {
        double average = 0;
        cause[r] = DIAGNOSE_NONE;
        first_step[r] = shard[r] = group[r] = -1;
        for (int32_t t = 0; t < p->steps && cause[r] == DIAGNOSE_NONE; t++) {
            const double loss =
                (double)record[((size_t)t * (size_t)p->runs + (size_t)r) * DIAGNOSE_FIELDS + DIAGNOSE_LOSS];
            average = t == 0 ? loss : 0.9 * average + 0.1 * loss;
            if (!isfinite(loss))
                cause[r] = DIAGNOSE_NUMBERS;
            else if (loss > average + 0.7)
                cause[r] = DIAGNOSE_DATA;
            else if (t > 60 && average > 3.05)
                cause[r] = DIAGNOSE_OPTIMISER;
            if (cause[r] != DIAGNOSE_NONE)
                first_step[r] = t;
        }
        for (int32_t c = 0; c < DIAGNOSE_CAUSES; c++)
            probability[r * DIAGNOSE_CAUSES + c] = c == cause[r] ? 0.5f : 0.1f;
    }
    return 0;
}
