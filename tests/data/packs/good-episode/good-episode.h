/* SPDX-License-Identifier: MIT */
/* The contract of good-episode. */
#ifndef GOOD_EPISODE_H
#define GOOD_EPISODE_H

#include <stdint.h>

struct episode_total_params {
    int32_t n;      /* rows that are shown so far: 0 .. 512 */
    int32_t w;      /* columns: 1 .. 16 */
    int32_t stages; /* calls of the whole run: 1 .. 64 */
    float gain;     /* of the rows that are new in this call */
};

/* x[n][w] is the run so far. A call adds gain times the sum of the rows that are new to total[w].
 *
 * `state` and `next_state` have 16*w+32 bytes each, in a format of your own. next_state of one call is `state` of the
 * next, which may be in another process. If `state` is not what a call has written (zeros at the start, or damaged),
 * all rows are new and total begins at 0. resumed[0] says whether `state` was used: 1 or 0. Returns 0. */
int episode_total(const struct episode_total_params *p, const float *x, const uint8_t *state, uint8_t *next_state,
                  float *total, int32_t *resumed);

#endif
