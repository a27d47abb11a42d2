/* SPDX-License-Identifier: MIT */
/* A machine that runs pairs of GOs, for the tests of [timing]: it knows the true ratio, and when it preempted whom. */
#ifndef TESTS_GRADER_SIMULATED_MACHINE_H
#define TESTS_GRADER_SIMULATED_MACHINE_H

#include <math.h>
#include <stdint.h>

#include "grader/timing.h"

struct dice {
    uint64_t state;
};

static inline double draw(struct dice *dice) /* uniform in (0, 1) */
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static inline double draw_in(struct dice *dice, double low, double high) {
    return low + (high - low) * draw(dice);
}

static inline double draw_exponential(struct dice *dice, double mean) {
    return -mean * log(draw(dice));
}

struct machine {
    struct dice dice;
    unsigned threads;
    double work_ns[2];       /* true CPU time of a GO in its threads together: candidate, baseline */
    double overhead_ns[2];   /* CPU time of waking and parking */
    double jitter_ns;        /* mean, of that and of the work */
    double drift;            /* relative, common to both GOs of a pair */
    double preempt_per_ms;   /* chance of losing the core in each ms of work */
    double slice_ns;         /* for how long */
    double late, idle_noise; /* chances: the grader is late with GO (the worker spins); a stray tick while parked */
    double idle_share;       /* of perfectly parallel, several threads only */
};

enum { CANDIDATE, BASELINE };

static inline struct timing_side machine_side(struct machine *m, int who, double factor) {
    struct dice *dice = &m->dice;
    const double work = m->work_ns[who] * factor + draw_exponential(dice, m->jitter_ns);
    double wall = work / m->threads / (1 - m->idle_share), cpu = work;

    for (double left = work; left > 0; left -= 1e6)
        if (draw(dice) < m->preempt_per_ms * fmin(left / 1e6, 1))
            wall += draw_in(dice, 0.3, 1) * m->slice_ns;
    cpu += m->overhead_ns[who] + draw_exponential(dice, m->jitter_ns);
    if (draw(dice) < 0.02)
        cpu += draw_in(dice, 20e3, 80e3); /* moved to another core around the call */
    if (draw(dice) < m->late)
        cpu += draw_exponential(dice, 2e6);
    return (struct timing_side){.wall_ns = (int64_t)wall,
                                .cpu_ns = (int64_t)cpu,
                                .before_ns = 20000,
                                .idle_ns = draw(dice) < m->idle_noise ? (int64_t)draw_exponential(dice, 3e3) : 0};
}

static inline void machine_run(struct machine *m, struct timing_pair *pair, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const double factor = 1 + m->drift * draw(&m->dice);
        pair[i] = (struct timing_pair){0};
        pair[i].candidate = machine_side(m, CANDIDATE, factor);
        pair[i].baseline = machine_side(m, BASELINE, factor);
    }
}

static inline struct machine machine_quiet(uint64_t seed, double candidate_ns, double baseline_ns) {
    return (struct machine){.dice = {seed},
                            .threads = 1,
                            .work_ns = {candidate_ns, baseline_ns},
                            .overhead_ns = {12e3, 12e3},
                            .jitter_ns = 3e3,
                            .drift = 0.05,
                            .slice_ns = 3e6};
}

/* An honest session on some loaded machine. */
static inline struct machine machine_honest(uint64_t seed) {
    struct machine m = {.dice = {seed * 0x9e3779b97f4a7c15u + 1}, .threads = 1};
    struct dice *dice = &m.dice;
    const double baseline = 1e6 * exp(draw_in(dice, 0, log(40))), overhead = draw_in(dice, 4e3, 50e3);

    m.work_ns[BASELINE] = baseline;
    m.work_ns[CANDIDATE] = fmax(1e6, baseline / exp(draw_in(dice, -2, 2)));
    m.overhead_ns[CANDIDATE] = fmax(4e3, overhead + draw_in(dice, -6e3, 6e3));
    m.overhead_ns[BASELINE] = fmax(4e3, overhead + draw_in(dice, -6e3, 6e3));
    m.jitter_ns = draw_in(dice, 0, 10e3);
    m.drift = draw_in(dice, 0, 0.9);
    m.preempt_per_ms = draw_in(dice, 0, 0.4);
    m.slice_ns = draw_in(dice, 0.1e6, 6e6);
    m.late = draw_in(dice, 0, 0.03);
    m.idle_noise = draw_in(dice, 0, 0.02);
    return m;
}

#endif
