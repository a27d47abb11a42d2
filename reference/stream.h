/* SPDX-License-Identifier: MIT */
/* Stores past the cache, for large outputs that the same call does not read again: a line that is written whole need
 * not be fetched first, and does not push out what is needed. Only AVX has them here; without it the stores are plain
 * ones. */
#ifndef REFERENCE_STREAM_H
#define REFERENCE_STREAM_H

#include <stdbool.h>

#include "reference/real.h"

#if defined(__AVX512F__)
enum { STREAM_BYTES = 64 };
#elif defined(__AVX__)
enum { STREAM_BYTES = 32 };
#else
enum { STREAM_BYTES = 16 };
#endif
enum { STREAM_LANES = STREAM_BYTES / sizeof(real) };

typedef real stream_lanes __attribute__((vector_size(STREAM_BYTES), aligned(sizeof(real)), may_alias));

static inline stream_lanes stream_load(const real *x) {
    return *(const stream_lanes *)x;
}

/* Whether stream_store() may write there. */
static inline bool stream_fits(const real *to) {
    return (uintptr_t)to % STREAM_BYTES == 0;
}

/* An output that fits the last-level cache beside the input is better left there. */
static inline bool stream_pays(size_t count) {
    return count >= ((size_t)16 << 20) / sizeof(real);
}

static inline void stream_store(real *to, stream_lanes x) {
#if defined(__AVX__)
    __asm__("vmovntps %1, %0" : "=m"(*(stream_lanes *)to) : "v"(x));
#else
    *(stream_lanes *)to = x;
#endif
}

/* Orders the stores before what follows the call. */
static inline void stream_end(void) {
#if defined(__AVX__)
    __asm__ volatile("sfence" ::: "memory");
#endif
}

#endif
