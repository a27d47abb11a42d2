/* SPDX-License-Identifier: MIT */
/* [run]: a worker process and its calls. The candidate and the challenge's reference run through the same code, the
 * same binary and the same protocol; only the policy differs.
 *
 * What a call ends in is data (struct run_outcome). Only our own faults are errors. */
#ifndef GRADER_RUN_H
#define GRADER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"
#include "grader/layout.h"
#include "grader/sandbox/sandbox.h"
#include "grader/spec.h"
#include "grader/timing.h"
#include "grader/verdict.h"

struct run_setup {
    const char *worker;          /* the harness-worker binary, in a place that any uid can reach */
    const char *stub, *solution; /* shared objects, likewise */
    const char *const *function; /* what the stub's function_index refers to; read by run_open only */
    size_t function_count;
    struct arena arena;
    size_t pointer_capacity; /* the largest calls*arguments of any GO */
    const struct sandbox_support *support;
    const struct spec_limits *limits;
    bool trusted;
    unsigned threads;
    int cpu;         /* pin to this one, -1 for any */
    int64_t load_ms; /* until it must be parked for the first time; 0 for the default */
    const volatile int *cancel;
};

struct run; /* one live (or dead) worker */

struct run_outcome {
    enum verdict verdict;    /* PASSED: the calls returned; else why not */
    char detail[400];        /* a sentence for the candidate */
    uint64_t instruction;    /* of a fault, relative to the solution's load address; 0 if unknown */
    int status;              /* what the solution returned, claimed */
    struct timing_side side; /* of a timed GO; otherwise wall_ns only */
    bool flushes_denormals;
};

/* Starts a worker. Returns 0 with *run set even when the solution could not be loaded: then run_dead() is true and
 * `outcome` (may not be NULL) says why. */
int run_open(const struct run_setup *setup, struct run **run, struct run_outcome *outcome, struct error *err);

bool run_dead(const struct run *run);

struct run_call {
    size_t function_index;
    const struct trial *trial; /* for messages */
    const struct layout *layout;
    uint64_t layout_serial; /* change it whenever the layout changes */
    const double *value;    /* sizes and scalars by argument */
    size_t calls;           /* <= layout->slots: call i uses slot i */
    bool timed;             /* spin, account CPU time; else sleep until it is done */
    int64_t deadline_ms;
};

/* One GO: returns when the worker declares it done, and the caller must snapshot the outputs at once. After an outcome
 * other than PASSED the worker is dead. */
int run_go(struct run *run, const struct run_call *call, struct run_outcome *outcome, struct error *err);

/* After the snapshot of a timed GO: waits until every thread is parked again and completes outcome->side. */
int run_settle(struct run *run, struct run_outcome *outcome, struct error *err);

/* What the solution printed so far (not NUL-terminated); valid until run_close. */
const char *run_output(const struct run *run, size_t *bytes);
/* OpenBLAS's own words, empty for a candidate. */
void run_blas(const struct run *run, char *core, size_t core_size, char *config, size_t config_size);

void run_close(struct run *run); /* NULL is fine */

/* Says in words where a fault address lies: "3 floats past the end of k". False if it is near no argument. `offset` is
 * relative to the base of the inputs' (or, if `writable`, the outputs') memory. */
bool run_explain_address(const struct layout *layout, const struct trial *trial, uint64_t offset, bool writable,
                         char *text, size_t size);

#endif
