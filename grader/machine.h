/* SPDX-License-Identifier: MIT */
/* What this machine is and how fast it can be: the roofs that a speed is held against. */
#ifndef GRADER_MACHINE_H
#define GRADER_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/error.h"

enum { MACHINE_BANDWIDTHS = 4 };

struct machine_roof {
    bool known;
    double fma_gflops;                          /* one core, float32 */
    double sgemm_gflops;                        /* one core, OpenBLAS */
    size_t bandwidth_bytes[MACHINE_BANDWIDTHS]; /* working sets, rising */
    double bandwidth_gbps[MACHINE_BANDWIDTHS];  /* copy, read plus write, one core */
};

struct machine {
    char cpu[96];    /* "AMD EPYC", as the kernel says */
    char vector[24]; /* widest of "AVX-512", "AVX2", "SSE2", "NEON" */
    unsigned cores;  /* usable by this process: affinity and cgroup quota */
    char kernel[64];
    struct machine_roof roof;
};

/* Everything but the roof; never fails (unknown fields say "unknown"). */
void machine_describe(struct machine *machine);

/* Share of the roof reached by `flops` and `bytes` in `seconds`; tells which roof is nearer. 0 when unknown. */
double machine_of_roof(const struct machine *machine, unsigned threads, double flops, double bytes, double seconds,
                       bool *bound_by_memory);

/* True when no machine of this kind could do it that fast: the time is not to be believed. */
bool machine_impossible(const struct machine *machine, unsigned threads, double flops, double bytes, double seconds);

/* Reads the roof from the cache file, or measures (about half a second, trusted worker) and writes it. The cache is
 * keyed by cpu, cores and kernel; an unwritable cache is not an error. */
int machine_roof_load(struct machine *machine, struct error *err);

/* Measures again and keeps the higher of old and new, here and in the cache: a roof that was measured while other work
 * ran is too low, and nobody may be called a cheat for beating that. */
int machine_roof_raise(struct machine *machine, struct error *err);

#endif
