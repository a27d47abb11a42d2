// expect: crashed
// harness: good-episode
// Right, but looks at the row behind the last one that is shown, which is in no memory of its process yet.
#include <string.h>

#include "good-episode.h"

enum { HEAD = 16 };

static uint64_t check_of(const uint8_t *bytes, int32_t count) {
    uint64_t hash = 1469598103934665603u;
    for (int32_t i = 8; i < count; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211u;
    }
    return hash;
}

int episode_total(const struct episode_total_params *p, const float *x, const uint8_t *state, uint8_t *next_state,
                  float *total, int32_t *resumed) {
    const int32_t bytes = 16 * p->w + 32;
    uint64_t check;
    int64_t rows = 0;
    double sums[16] = {0};

    memcpy(&check, state, sizeof check);
    resumed[0] = check == check_of(state, bytes);
    if (resumed[0]) {
        memcpy(&rows, state + 8, sizeof rows);
        memcpy(sums, state + HEAD, (size_t)p->w * sizeof *sums);
    }
    for (int32_t c = 0; c < p->w; c++) {
        double sum = 0;
        for (int32_t i = (int32_t)rows; i < p->n; i++) {
            sum += (double)x[i * p->w + c];
        }
        sums[c] += (double)p->gain * sum;
        total[c] = (float)sums[c];
    }
    rows = p->n;
    if (p->stages > 1) {
        volatile float ahead = x[p->n * p->w];
        (void)ahead;
    }
    memset(next_state, 0, (size_t)bytes);
    memcpy(next_state + 8, &rows, sizeof rows);
    memcpy(next_state + HEAD, sums, (size_t)p->w * sizeof *sums);
    check = check_of(next_state, bytes);
    memcpy(next_state, &check, sizeof check);
    return 0;
}
