// expect: wrong_answer
// harness: good-episode
// Keeps everything in the process and writes a state that says nothing: a new process has forgotten it all.
#include <string.h>

#include "good-episode.h"

static double sums[16];
static int32_t rows;

int episode_total(const struct episode_total_params *p, const float *x, const uint8_t *state, uint8_t *next_state,
                  float *total, int32_t *resumed) {
    resumed[0] = state[0] == 1;
    if (!resumed[0]) {
        memset(sums, 0, sizeof sums);
        rows = 0;
    }
    for (int32_t c = 0; c < p->w; c++) {
        for (int32_t i = rows; i < p->n; i++) {
            sums[c] += (double)p->gain * (double)x[i * p->w + c];
        }
        total[c] = (float)sums[c];
    }
    rows = p->n;
    memset(next_state, 1, 16 * (size_t)p->w + 32);
    return 0;
}
