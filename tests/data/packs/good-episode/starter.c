// harness: good-episode
#include "good-episode.h"

/* Not finished: nothing is carried on. */
int episode_total(const struct episode_total_params *p, const float *x, const uint8_t *state, uint8_t *next_state,
                  float *total, int32_t *resumed) {
    (void)state;
    for (int32_t c = 0; c < p->w; c++) {
        total[c] = 0;
        for (int32_t i = 0; i < p->n; i++) {
            total[c] += p->gain * x[i * p->w + c];
        }
    }
    for (int32_t i = 0; i < 16 * p->w + 32; i++) {
        next_state[i] = 0;
    }
    resumed[0] = 0;
    return 0;
}
