/* SPDX-License-Identifier: MIT */
/* The multiplicative permutation. Sample numbers are reduced before they are multiplied, so they may grow for ever. */
#include "reference/loader.h"

static uint64_t greatest_divisor(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct loader loader_make(size_t tokens, size_t length) {
    struct loader l = {.tokens = tokens, .length = length, .stride = 1};
    l.windows = tokens > length ? (tokens - 1) / length : 0;
    if (l.windows < 3)
        return l;
    uint64_t stride = (618 * l.windows + 999) / 1000 | 1;
    while (greatest_divisor(stride, l.windows) != 1)
        stride += 2;
    l.stride = stride;
    return l;
}

uint64_t loader_window(const struct loader *loader, uint64_t sample) {
    return sample % loader->windows * loader->stride % loader->windows;
}

void loader_read(const struct loader *loader, const uint8_t *shard, uint64_t window, int32_t *x, int32_t *y) {
    const uint8_t *from = shard + window * loader->length;
    for (size_t i = 0; i < loader->length; i++) {
        x[i] = from[i];
        y[i] = from[i + 1];
    }
}
