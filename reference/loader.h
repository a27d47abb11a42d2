/* SPDX-License-Identifier: MIT */
/* Which window of a shard is read when. A shard of n tokens has W = (n-1)/T windows of T inputs and T targets, target j
 * being input j+1. Sample i of a shard is window (i*stride) mod W with a stride coprime to W, near 0.618*W: every
 * window is read once before one is read again, and neighbours in time are far apart in the text. */
#ifndef REFERENCE_LOADER_H
#define REFERENCE_LOADER_H

#include "reference/real.h"

struct loader {
    size_t tokens, length; /* n, T */
    uint64_t windows, stride;
};

#define loader_make   REAL_FN(loader_make)
#define loader_window REAL_FN(loader_window)
#define loader_read   REAL_FN(loader_read)

/* The smallest odd stride >= 0.618*W that is coprime to W; 1 for W < 3. length >= 1. With fewer than length+1 tokens
 * there is no window, and the other functions must not be called. */
struct loader loader_make(size_t tokens, size_t length);

uint64_t loader_window(const struct loader *loader, uint64_t sample);

/* x[length], y[length] from window `window` of shard[tokens]. */
void loader_read(const struct loader *loader, const uint8_t *shard, uint64_t window, int32_t *x, int32_t *y);

#endif
