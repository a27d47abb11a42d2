// expect: wrong_answer
// harness: diagnose-training-run
// It is always the hardware.
#include "diagnose-training-run.h"

int diagnose(const struct diagnose_params *p, const float *record, const int32_t *crc, int32_t *cause,
             int32_t *first_step, int32_t *shard, int32_t *group, float *probability) {
    (void)record, (void)crc;
    for (int32_t r = 0; r < p->runs; r++) {
        cause[r] = DIAGNOSE_HARDWARE;
        first_step[r] = 0;
        shard[r] = group[r] = -1;
        for (int32_t c = 0; c < DIAGNOSE_CAUSES; c++)
            probability[r * DIAGNOSE_CAUSES + c] = c == cause[r] ? 0.25f : 0.15f;
    }
    return 0;
}
