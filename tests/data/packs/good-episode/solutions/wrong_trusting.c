// expect: wrong_answer
// harness: good-episode
// A state without a check sum, which is believed when it begins with the mark, damaged or not.
#include <string.h>

#include "good-episode.h"

int episode_total(const struct episode_total_params *p, const float *x, const uint8_t *state, uint8_t *next_state,
                  float *total, int32_t *resumed) {
    int32_t rows = 0;
    double sums[16] = {0};
    int64_t kept[16] = {0};

    resumed[0] = state[0] == 0x11 || state[0] == (0x11 ^ 0x55);
    if (resumed[0]) {
        memcpy(&rows, state + 8, sizeof rows);
        memcpy(kept, state + 16, (size_t)p->w * sizeof *kept);
    }
    rows = rows < 0 || rows > p->n ? p->n : rows;
    for (int32_t c = 0; c < p->w; c++) {
        sums[c] = (double)kept[c] * 0x1p-40;
        for (int32_t i = rows; i < p->n; i++) {
            sums[c] += (double)p->gain * (double)x[i * p->w + c];
        }
        total[c] = (float)sums[c];
        kept[c] = (int64_t)(sums[c] * 0x1p40);
    }
    memset(next_state, 0x11, 16 * (size_t)p->w + 32);
    memcpy(next_state + 8, &p->n, sizeof p->n);
    memcpy(next_state + 16, kept, (size_t)p->w * sizeof *kept);
    return 0;
}
